#include "codec/deflate.hpp"

#include <gtest/gtest.h>

#include "codec/text.hpp"

namespace seendr {
namespace {

TEST(Deflate, WritesWhatPythonsZlibWrites) {
  const std::string packed = deflate("\"xxxxxxxxxxxxxx\"");

  EXPECT_EQ(to_hex(bytes(packed)), "789c53aa40014a003a1a06d5");
}

TEST(Deflate, IsReadBackWhateverTheLevelAndSize) {
  const std::string sizes[] = {"", "a", std::string(100, 'b'), std::string(300'000, 'c')};
  for (const std::string& data : sizes) {
    for (const int level : {0, 1, 6, 9}) {
      EXPECT_EQ(inflate(deflate(data, level), 1'000'000), data);
    }
  }
}

TEST(Inflate, IgnoresWhatFollowsTheStream) {
  EXPECT_EQ(inflate(deflate("hello") + "rubbish", 100), "hello");
}

TEST(Inflate, RefusesWhatIsNoWholeStream) {
  const std::string whole = deflate("hello hello hello");

  EXPECT_EQ(inflate("", 100), std::nullopt);
  EXPECT_EQ(inflate("hello", 100), std::nullopt);
  EXPECT_EQ(inflate(whole.substr(0, whole.size() - 1), 100), std::nullopt);
  EXPECT_EQ(inflate(from_hex("78bb0000000000").value(), 100), std::nullopt);  // A dictionary.
}

TEST(Inflate, CountsWithoutKeepingAnything) {
  const std::string whole = deflate(std::string(100'000, 'x'));
  EXPECT_FALSE(inflates_beyond(whole, 100'000));
  EXPECT_TRUE(inflates_beyond(whole, 99'999));
  EXPECT_TRUE(inflates_beyond(whole.substr(0, whole.size() - 4), 99'999)) << "though it is cut off";
  EXPECT_FALSE(inflates_beyond("hello", 0));
  EXPECT_FALSE(inflates_beyond("", 0));
}

TEST(Inflate, StopsAtItsLimit) {
  const std::string bomb = deflate(std::string(1'000'000, 'x'));

  EXPECT_EQ(inflate(bomb, 999'999), std::nullopt);
  EXPECT_TRUE(inflate(bomb, 1'000'000).has_value());
}

// The check value of the CRC catalogue.
TEST(Crc32, AgreesWithItsCheckValue) {
  EXPECT_EQ(crc32_of("123456789"), 0xCBF43926U);
}

}  // namespace
}  // namespace seendr
