#include "cache/meta.hpp"

#include <gtest/gtest.h>

#include "cache/options.hpp"

namespace seendr::cache {
namespace {

using namespace std::chrono_literals;

Meta example() {
  Meta meta;
  meta.load_time = 1500us;
  meta.stale = 60s;
  meta.marks = {{"team:7", "9f"}, {"t\"2", ""}};
  return meta;
}

TEST(Meta, ComesBackForTheBytesItWasWrittenFor) {
  const std::string text = encode(example(), "the value");

  const std::optional<Meta> meta = decode_meta(text, "the value");

  ASSERT_TRUE(meta.has_value());
  EXPECT_EQ(meta->load_time, 1500us);
  EXPECT_EQ(meta->stale, 60s);
  EXPECT_EQ(meta->marks, example().marks);
}

TEST(Meta, SaysNothingOfOtherBytes) {
  const std::string text = encode(example(), "the value");

  EXPECT_FALSE(decode_meta(text, "The value").has_value());
  EXPECT_FALSE(decode_meta(text, "the value ").has_value());
}

TEST(Meta, IsNotReadFromAnythingElse) {
  const std::string texts[] = {"",
                               "null",
                               "{}",
                               "{\"crc\": 1}",
                               R"({"crc":0,"size":0,"load_us":-1,"stale_ms":0,"tags":{}})",
                               R"({"crc":0,"size":0,"load_us":1,"stale_ms":0,"tags":{"a":1}})"};
  for (const std::string& text : texts) {
    EXPECT_FALSE(decode_meta(text, "").has_value()) << text;
  }
  EXPECT_TRUE(decode_meta(R"({"crc":0,"size":0,"load_us":1,"stale_ms":0,"tags":{"a":"1"}})", "")
                  .has_value());
}

TEST(RefreshEarly, IsLikelierTheNearerTheEndAndTheSlowerTheLoad) {
  // -ln(1 - 0.5) is 0.69: half of the readers refresh when 0.69 load times are left.
  EXPECT_TRUE(refresh_early(100ms, 69ms, 1.0, 0.5));
  EXPECT_FALSE(refresh_early(100ms, 70ms, 1.0, 0.5));
  EXPECT_TRUE(refresh_early(100ms, 138ms, 2.0, 0.5));
  EXPECT_FALSE(refresh_early(10ms, 69ms, 1.0, 0.5));
  EXPECT_TRUE(refresh_early(100ms, 0ms, 1.0, 0.1));
}

TEST(RefreshEarly, NeverHappensWithoutALoadTimeAnEndOrTheWish) {
  EXPECT_FALSE(refresh_early(0us, 1ms, 1.0, 0.999));
  EXPECT_FALSE(refresh_early(100ms, kForever, 1.0, 0.999));
  EXPECT_FALSE(refresh_early(100ms, 1ms, 0.0, 0.999));
}

TEST(Jitter, ShortensByAtMostItsPart) {
  EXPECT_EQ(jittered(1000ms, 0.1, 0.0), 1000ms);
  EXPECT_EQ(jittered(1000ms, 0.1, 0.5), 950ms);
  EXPECT_EQ(jittered(1000ms, 0.0, 0.9), 1000ms);
  EXPECT_EQ(jittered(1ms, 0.9, 0.9), 1ms);
  EXPECT_EQ(jittered(kForever, 0.5, 0.9), kForever);
}

}  // namespace
}  // namespace seendr::cache
