#include "redis/command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace seendr::redis {
namespace {

using testing::ElementsAre;

TEST(Command, IsEncodedAsAnArrayOfStrings) {
  const std::string key = "k";
  const std::string_view value = "two words";

  const Command set("SET", key, value, "PX", 1500, -1, 0.5, true);

  EXPECT_EQ(set.bytes(),
            "*8\r\n$3\r\nSET\r\n$1\r\nk\r\n$9\r\ntwo words\r\n$2\r\nPX\r\n$4\r\n1500\r\n"
            "$2\r\n-1\r\n$3\r\n0.5\r\n$1\r\n1\r\n");
}

TEST(Command, TakesMoreArgumentsLater) {
  const std::vector<std::string> keys{"a", "b"};
  Command del("DEL");
  del.args(keys).arg("c").arg(std::uint64_t{18'446'744'073'709'551'615U});

  EXPECT_EQ(del.bytes(),
            "*5\r\n$3\r\nDEL\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"
            "$20\r\n18446744073709551615\r\n");
}

TEST(Command, CountsBeyondOneDigit) {
  Command push("RPUSH", "list");
  for (int i = 0; i < 100'000; ++i) push.arg(i);

  EXPECT_EQ(push.bytes().substr(0, 9), "*100002\r\n");
  EXPECT_EQ(push.words().size(), 100'002U);
  EXPECT_EQ(push.word(100'001), "99999");
}

TEST(Command, KeepsBinaryAndEmptyArguments) {
  const std::string binary("\0\r\n$9", 5);

  const Command set("SET", "", binary);

  EXPECT_THAT(set.words(), ElementsAre("SET", "", binary));
  EXPECT_EQ(set.word(2), binary);
  EXPECT_EQ(set.word(3), "");
}

TEST(Command, SurvivesBeingMovedAndCopied) {
  Command first("GET", "key");
  const Command copy = first;
  const Command moved = std::move(first);

  EXPECT_EQ(copy.bytes(), moved.bytes());
  EXPECT_EQ(copy.bytes(), "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n");
}

TEST(Command, KnowsItsKeys) {
  EXPECT_THAT(Command("GET", "a").keys(), ElementsAre("a"));
  EXPECT_THAT(Command("get", "a").keys(), ElementsAre("a"));
  EXPECT_THAT(Command("SET", "a", "b", "PX", 5).keys(), ElementsAre("a"));
  EXPECT_THAT(Command("SOMETHINGNEW", "a", "b").keys(), ElementsAre("a"));
  EXPECT_THAT(Command("MGET", "a", "b", "c").keys(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Command("MSET", "a", 1, "b", 2).keys(), ElementsAre("a", "b"));
  EXPECT_THAT(Command("RENAME", "a", "b").keys(), ElementsAre("a", "b"));
  EXPECT_THAT(Command("BLPOP", "a", "b", 5).keys(), ElementsAre("a", "b"));
  EXPECT_THAT(Command("XINFO", "STREAM", "a").keys(), ElementsAre("a"));
  EXPECT_THAT(Command("ZUNION", 2, "a", "b", "WITHSCORES").keys(), ElementsAre("a", "b"));
  EXPECT_THAT(Command("ZUNIONSTORE", "d", 2, "a", "b").keys(), ElementsAre("d", "a", "b"));
}

TEST(Command, KnowsTheKeysOfScripts) {
  EXPECT_THAT(Command("EVALSHA", "sha", 2, "a", "b", "arg").keys(), ElementsAre("a", "b"));
  EXPECT_THAT(Command("EVAL", "return 1", 0, "arg").keys(), ElementsAre());
  EXPECT_THAT(Command("EVAL", "return 1", 7, "a").keys(), ElementsAre("a"));
  EXPECT_THAT(Command("FCALL", "f", 1, "a", "arg").keys(), ElementsAre("a"));
}

TEST(Command, KnowsTheKeysOfStreams) {
  EXPECT_THAT(Command("XREAD", "COUNT", 10, "BLOCK", 0, "streams", "a", "b", "0-1", "$").keys(),
              ElementsAre("a", "b"));
  EXPECT_THAT(Command("XREADGROUP", "GROUP", "g", "c", "STREAMS", "a", ">").keys(),
              ElementsAre("a"));
  EXPECT_THAT(Command("XREAD", "COUNT", 1).keys(), ElementsAre());
}

TEST(Command, KnowsThatSomeHaveNoKey) {
  EXPECT_THAT(Command("PING").keys(), ElementsAre());
  EXPECT_THAT(Command("TIME").keys(), ElementsAre());
  EXPECT_THAT(Command("PUBLISH", "channel", "x").keys(), ElementsAre());
  EXPECT_THAT(Command("SCAN", 0).keys(), ElementsAre());
  EXPECT_THAT(Command("GET").keys(), ElementsAre());
}

TEST(Command, MayBeRepeatedOnlyIfItReads) {
  EXPECT_TRUE(Command("GET", "a").is_repeatable());
  EXPECT_TRUE(Command("xread", "STREAMS", "a", "0").is_repeatable());
  EXPECT_FALSE(Command("INCR", "a").is_repeatable());
  EXPECT_FALSE(Command("EVALSHA", "sha", 0).is_repeatable());
  EXPECT_TRUE(Command("SET", "a", 1).repeatable().is_repeatable());
  EXPECT_FALSE(Command("GET", "a").repeatable(false).is_repeatable());
}

TEST(Pipeline, MayBeRepeatedIfEachOfItsCommandsMay) {
  Pipeline reads;
  reads.add("GET", "a").add("HGET", "b", "c");
  Pipeline mixed = reads;
  mixed.add("INCR", "a");

  EXPECT_TRUE(reads.is_repeatable());
  EXPECT_FALSE(mixed.is_repeatable());
  EXPECT_EQ(mixed.size(), 3U);
}

}  // namespace
}  // namespace seendr::redis
