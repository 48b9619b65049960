#include "app/accounts/profile_page.hpp"

#include "app/cache_ttls.hpp"
#include "app/invalidator.hpp"

namespace seendr::app {

namespace {

http::Response answer(const http::Request& request, const std::optional<json::value>& profile) {
  if (profile) return http::json(200, *profile);
  return http::problem(request, http::Problem{404, "not_found", "There is no such profile."});
}

awaitable<http::Response> answer_profile(Profiles& profiles, http::Request request) {
  const UserId id{request.int_param("id")};
  const std::optional<json::value> profile = co_await profiles.find(id);
  co_return answer(request, profile);
}

awaitable<http::Response> answer_user(Profiles& profiles, http::Request request) {
  const UserId id{request.int_param("id")};
  const std::optional<json::value> user = co_await profiles.find_with_avatar(id);
  co_return answer(request, user);
}

http::Request request_for(std::string path, UserId user) {
  http::Request request;
  request.path = std::move(path);
  request.target = request.path;
  request.params.emplace_back("id", user.text());
  return request;
}

PageOptions page_of_one(std::string name) {
  PageOptions options;
  options.name = std::move(name);
  options.audience = Audience::everyone;
  options.load.ttl = cache_ttl::kProfile;
  options.load.tags = {cache_tag::kInterests};
  options.tags = [](const http::Request& request) {
    return std::vector<std::string>{cache_tag::profile(UserId{request.int_param("id")}.text())};
  };
  return options;
}

}  // namespace

http::Request profile_request(UserId user) {
  return request_for("/api/profiles/" + user.text() + "/", user);
}

http::Request user_request(UserId user) {
  return request_for("/api/v1/users/" + user.text(), user);
}

http::Handler profile_page(cache::Cache& cache, Profiles& profiles) {
  http::Handler handler = [&profiles](http::Request request) {
    return answer_profile(profiles, std::move(request));
  };
  return cached_response(cache, page_of_one("profile"), std::move(handler));
}

http::Handler user_page(cache::Cache& cache, Profiles& profiles) {
  http::Handler handler = [&profiles](http::Request request) {
    return answer_user(profiles, std::move(request));
  };
  return cached_response(cache, page_of_one("user"), std::move(handler));
}

}  // namespace seendr::app
