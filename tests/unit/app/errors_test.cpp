#include "app/rest/errors.hpp"

#include <gtest/gtest.h>

#include "app/accounts/avatar_image.hpp"
#include "cache/error.hpp"
#include "match/error.hpp"
#include "postgres/error.hpp"
#include "redis/error.hpp"

namespace seendr::app {
namespace {

TEST(ErrorTable, CallsEveryFailedDependencyOverloaded) {
  const std::vector<error_code> codes = {
      redis::Errc::connection_lost, redis::Errc::timed_out,  redis::Errc::overloaded,
      postgres::Errc::unavailable,  cache::Errc::overloaded, match::Errc::overloaded,
      match::Errc::stale_epoch,
  };
  for (const error_code& code : codes) {
    const std::optional<http::Problem> problem = map_error(system_error(code));
    ASSERT_TRUE(problem) << code.message();
    EXPECT_EQ(problem->status, 503);
    EXPECT_EQ(problem->code, "overloaded");
    EXPECT_EQ(problem->headers.get("Retry-After"), "1");
  }
}

TEST(ErrorTable, DoesNotKnowABugOfOurs) {
  EXPECT_FALSE(map_error(system_error(redis::Errc::bad_reply)));
  EXPECT_FALSE(map_error(system_error(make_error_code(boost::system::errc::invalid_argument))));
}

TEST(ErrorTable, SaysWhyAPictureWasRefused) {
  const auto told = [](AvatarErrc error) {
    const http::Problem problem = avatar_refusal(error);
    EXPECT_EQ(problem.message, describe(error));
    return std::to_string(problem.status) + " " + problem.code;
  };
  EXPECT_EQ(told(AvatarErrc::not_an_image), "415 unsupported_image");
  EXPECT_EQ(told(AvatarErrc::too_many_bytes), "413 too_large");
  EXPECT_EQ(told(AvatarErrc::too_many_pixels), "413 too_large");
  EXPECT_EQ(told(AvatarErrc::broken), "422 broken_image");
}

}  // namespace
}  // namespace seendr::app
