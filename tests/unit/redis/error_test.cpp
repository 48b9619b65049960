#include "redis/error.hpp"

#include <gtest/gtest.h>

namespace seendr::redis {
namespace {

TEST(ServerError, TellsItsFirstWordAndItsText) {
  const ServerError error("STALE_EPOCH epoch 4, not 3");

  EXPECT_EQ(error.kind(), "STALE_EPOCH");
  EXPECT_EQ(error.text(), "STALE_EPOCH epoch 4, not 3");
  EXPECT_EQ(error.code(), Errc::server_error);
  EXPECT_EQ(server_message(error), error.text());
  EXPECT_EQ(server_message(system_error(make_error_code(Errc::timed_out))), "");
}

TEST(ServerError, TellsWhetherTheSameMayGoWellLater) {
  EXPECT_TRUE(is_outage(ServerError("LOADING Redis is loading the dataset in memory")));
  EXPECT_TRUE(is_outage(ServerError("OOM command not allowed when used memory > 'maxmemory'.")));
  EXPECT_TRUE(
      is_outage(ServerError("ERR Error running script (call to f_1): @user_script:3: "
                            "@user_script: 3: -OOM command not allowed")));
  EXPECT_FALSE(is_outage(ServerError("WRONGTYPE Operation against a key")));
  EXPECT_FALSE(
      is_outage(ServerError("ERR Error running script (call to f_1): @user_script:10: "
                            "WRONGTYPE Operation against a key")));
}

TEST(RedisErrc, HasASentenceForEachValue) {
  for (int value = 1; value <= static_cast<int>(Errc::bad_url); ++value) {
    const error_code code = make_error_code(static_cast<Errc>(value));
    EXPECT_NE(code.message(), "An unknown Redis error") << value;
  }
}

}  // namespace
}  // namespace seendr::redis
