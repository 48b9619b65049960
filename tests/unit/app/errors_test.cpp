#include "app/rest/errors.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace seendr::app
