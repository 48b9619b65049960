#include "lab/people.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>

#include "base/ids.hpp"
#include "base/json.hpp"
#include "runtime/timeout.hpp"

namespace seendr::lab {
namespace {

constexpr std::string_view kSlugs[] = {"music", "gaming", "chess", "cooking", "travel", "python"};
constexpr Millis kSignInLimit{15'000};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t at = text.find(separator);
    out.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 1);
  }
  return out;
}

Person parse_person(std::string_view line, std::size_t number) {
  std::vector<std::string> fields = split(line, '\t');
  if (fields.size() == 4) fields.emplace_back();  // Somebody without interests.
  if (fields.size() != 5 || !parse_user_id(fields[0]) || fields[1].empty() || fields[2].empty()) {
    throw std::runtime_error("line " + std::to_string(number) +
                             " is not: id, session, languages, region, interests");
  }
  return Person{fields[0], fields[1], split(fields[2], ','), fields[3], split(fields[4], ',')};
}

std::string session_of(const http::ClientResponse& response) {
  for (const auto& [name, value] : response.headers) {
    constexpr std::string_view kStart = "sessionid=";
    if (value.rfind(kStart, 0) != 0) continue;
    return value.substr(kStart.size(), value.find(';') - kStart.size());
  }
  return {};
}

Person make_guest(Random& random) {
  Person guest;
  guest.languages = {"en"};
  guest.region = "eu";
  for (const std::string_view slug : kSlugs) {
    if (random.below(2) == 0) guest.interests.emplace_back(slug);
  }
  if (guest.interests.empty()) guest.interests.emplace_back(kSlugs[0]);
  return guest;
}

void take_account(Person& guest, const http::ClientResponse& response) {
  guest.session = session_of(response);
  const std::optional<json::object> body = json::parse_object(response.body);
  const json::value* user = body ? body->if_contains("user") : nullptr;
  const json::value* id =
      user && user->is_object() ? user->get_object().if_contains("id") : nullptr;
  if (response.status != 201 || guest.session.empty() || !id) {
    throw std::runtime_error("a guest was refused: " + std::to_string(response.status) + " " +
                             response.body);
  }
  guest.user = id->is_string() ? std::string(id->get_string()) : json::serialize(*id);
}

// with_timeout needs a result that can be made empty.
awaitable<std::unique_ptr<http::Client>> connect(http::ClientTarget server) {
  http::Client client = co_await http::Client::connect(std::move(server));
  co_return std::make_unique<http::Client>(std::move(client));
}

}  // namespace

std::vector<Person> parse_people(std::string_view text) {
  std::vector<Person> people;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    ++number;
    if (end > 0) people.push_back(parse_person(text.substr(0, end), number));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return people;
}

std::vector<Person> read_people(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return parse_people(text);
}

awaitable<std::vector<Person>> sign_in_guests(http::ClientTarget server, std::size_t count,
                                              Random& random) {
  const auto client = co_await with_timeout(connect(server), kSignInLimit);
  std::vector<Person> people;
  const std::string body = R"({"adult":true,"languages":["en"],"region":"eu"})";
  const http::Headers headers{{"Content-Type", "application/json"}};
  while (people.size() < count) {
    Person guest = make_guest(random);
    const http::ClientResponse response = co_await with_timeout(
        client->request("POST", "/api/v1/auth/guest", headers, body), kSignInLimit);
    take_account(guest, response);
    people.push_back(std::move(guest));
  }
  co_return people;
}

http::ClientTarget parse_server(std::string_view url) {
  const std::runtime_error malformed("not http://host:port: " + std::string(url));
  constexpr std::string_view kScheme = "http://";
  if (url.substr(0, kScheme.size()) != kScheme) throw malformed;
  std::string_view rest = url.substr(kScheme.size());
  if (!rest.empty() && rest.back() == '/') rest.remove_suffix(1);
  const std::size_t colon = rest.rfind(':');
  if (colon == 0 || colon == std::string_view::npos) throw malformed;
  http::ClientTarget target;
  target.host = std::string(rest.substr(0, colon));
  if (target.host.front() == '[' && target.host.back() == ']') {
    target.host = target.host.substr(1, target.host.size() - 2);
  }
  const std::string_view digits = rest.substr(colon + 1);
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), target.port);
  if (error != std::errc() || end != digits.data() + digits.size() || target.port == 0) {
    throw malformed;
  }
  return target;
}

}  // namespace seendr::lab
