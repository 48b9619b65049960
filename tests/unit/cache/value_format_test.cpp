#include "cache/value_format.hpp"

#include <gtest/gtest.h>

#include "codec/deflate.hpp"
#include "codec/text.hpp"

namespace seendr::cache {
namespace {

constexpr std::size_t kLikeDjango = 15;  // Bytes that stay plain.
constexpr std::size_t kLimit = 1 << 20;

std::string stored(const std::string& json) {
  return pack(json, kLikeDjango);
}

std::string hex_of(const std::string& json) {
  return to_hex(bytes(stored(json)));
}

// The table of django-redis' bytes.
TEST(Pack, WritesTheBytesThatDjangoRedisWrites) {
  EXPECT_EQ(stored("1"), "1");
  EXPECT_EQ(stored("-7"), "-7");
  EXPECT_EQ(stored("1180591620717411303424"), "1180591620717411303424");
  EXPECT_EQ(stored("true"), "true");
  EXPECT_EQ(stored("null"), "null");
  EXPECT_EQ(stored("\"abc\""), "\"abc\"");
  EXPECT_EQ(stored("\"xxxxxxxxxxxxx\""), "\"xxxxxxxxxxxxx\"");
  EXPECT_EQ(hex_of("\"xxxxxxxxxxxxxx\""), "789c53aa40014a003a1a06d5");
  EXPECT_EQ(hex_of("{\"a\": 1, \"b\": [1, 2, \"x\"]}"),
            "789cab564a54b25230d451504a02d2d1408611905da1145b0b004d1205e4");
}

TEST(Unpack, ReadsWhatPackWrites) {
  for (const std::string text : {"0", "-12345678901234567890", "\"\"", "[1.5, 3.0]"}) {
    EXPECT_EQ(unpack(stored(text), kLimit), text);
  }
  const std::string big = "\"" + std::string(10'000, 'y') + "\"";
  EXPECT_LT(stored(big).size(), 100U);
  EXPECT_EQ(unpack(stored(big), kLimit), big);
}

TEST(Unpack, ReadsIntegersAsPythonDoes) {
  EXPECT_EQ(unpack(" 5\n", kLimit), "5");
  EXPECT_EQ(unpack("+5", kLimit), "5");
  EXPECT_EQ(unpack("1_000", kLimit), "1000");
  EXPECT_EQ(unpack("007", kLimit), "7");
  EXPECT_EQ(unpack("-0", kLimit), "0");
  EXPECT_EQ(unpack("1__0", kLimit), "1__0");  // Not an integer, nor JSON.
  EXPECT_EQ(unpack("_1", kLimit), "_1");
  EXPECT_EQ(unpack(std::string(4301, '1'), kLimit), std::nullopt);
}

TEST(Unpack, ReadsPlainTextOfAnyLengthAndStreamsOfAnyLevel) {
  const std::string text = "{\"name\": \"\u00e9t\u00e9 with more than fifteen bytes\"}";

  EXPECT_EQ(unpack(text, kLimit), text);
  EXPECT_EQ(unpack(deflate(text, 1), kLimit), text);
  EXPECT_EQ(unpack(deflate(text, 9) + "rubbish", kLimit), text);
}

TEST(Unpack, KeepsTheBytesOfAStreamThatIsCutOff) {
  const std::string cut = deflate("\"a long enough text\"").substr(0, 10);

  EXPECT_EQ(unpack(cut, kLimit), cut);
}

TEST(Unpack, RefusesPickledObjectsAndTextOverTheLimit) {
  const std::string pickled("\x80\x04\x95\x0b\x00\x00\x00", 7);
  const std::string big(2000, ' ');

  EXPECT_EQ(unpack(pickled, kLimit), std::nullopt);
  EXPECT_EQ(unpack(deflate(pickled), kLimit), std::nullopt);
  EXPECT_EQ(unpack(big, 1999), std::nullopt);
  EXPECT_TRUE(is_pickled(pickled));
  EXPECT_TRUE(is_pickled(deflate(pickled)));
  EXPECT_FALSE(is_pickled("\"text\""));
  EXPECT_FALSE(is_pickled(deflate("\"text\"")));
}

}  // namespace
}  // namespace seendr::cache
