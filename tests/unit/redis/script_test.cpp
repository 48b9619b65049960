#include "redis/script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seendr::redis {
namespace {

TEST(Script, IsNamedByItsSha1) {
  EXPECT_EQ(Script("return 1").sha(), "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
  EXPECT_EQ(Script("").sha(), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

TEST(Script, IsCalledWithItsKeysAndArguments) {
  const Script script("return 1");

  const Command call = script.command({"a", "b"}, {"x"});

  EXPECT_THAT(call.words(), testing::ElementsAre("EVALSHA", script.sha(), "2", "a", "b", "x"));
  EXPECT_THAT(call.keys(), testing::ElementsAre("a", "b"));
}

}  // namespace
}  // namespace seendr::redis
