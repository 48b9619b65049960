#include "app/rest/errors.hpp"

#include "app/accounts/avatar_image.hpp"
#include "cache/error.hpp"
#include "match/error.hpp"
#include "postgres/error.hpp"
#include "redis/error.hpp"

namespace seendr::app {

std::optional<http::Problem> map_error(const system_error& error) {
  const error_code code = error.code();
  const bool busy = code == redis::Errc::overloaded || code == postgres::Errc::overloaded ||
                    code == cache::Errc::overloaded || code == cache::Errc::wait_timeout ||
                    code == cache::Errc::load_failed || code == cache::Errc::stopped ||
                    code == match::Errc::overloaded ||
                    code == boost::system::errc::resource_unavailable_try_again;
  const bool away = code == redis::Errc::timed_out || code == redis::Errc::connection_lost ||
                    code == redis::Errc::stopped || code == redis::Errc::server_error ||
                    code == postgres::Errc::timed_out || code == postgres::Errc::unavailable ||
                    code == match::Errc::stale_epoch || code == boost::system::errc::timed_out;
  if (!busy && !away) return std::nullopt;
  http::Headers headers;
  headers.add("Retry-After", "1");
  return http::Problem{503, "overloaded", "The server cannot do this at the moment; try again.",
                       std::move(headers)};
}

http::Problem avatar_refusal(error_code code) {
  http::Problem problem{422, "broken_image", code.message()};
  if (code == AvatarErrc::not_an_image) {
    problem.status = 415;
    problem.code = "unsupported_image";
  } else if (code == AvatarErrc::too_many_bytes || code == AvatarErrc::too_many_pixels) {
    problem.status = 413;
    problem.code = "too_large";
  }
  return problem;
}

}  // namespace seendr::app
