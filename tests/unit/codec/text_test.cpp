#include "codec/text.hpp"

#include <gtest/gtest.h>

namespace seendr {
namespace {

const std::string kAllBytes = [] {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  return all;
}();

// The vectors of RFC 4648 section 10.
TEST(Base64, AgreesWithTheRfc) {
  EXPECT_EQ(to_base64(bytes("")), "");
  EXPECT_EQ(to_base64(bytes("f")), "Zg==");
  EXPECT_EQ(to_base64(bytes("fo")), "Zm8=");
  EXPECT_EQ(to_base64(bytes("foo")), "Zm9v");
  EXPECT_EQ(to_base64(bytes("foobar")), "Zm9vYmFy");
}

TEST(Base32, AgreesWithTheRfcButForCaseAndPadding) {
  EXPECT_EQ(to_base32(bytes("")), "");
  EXPECT_EQ(to_base32(bytes("f")), "my");
  EXPECT_EQ(to_base32(bytes("fo")), "mzxq");
  EXPECT_EQ(to_base32(bytes("foo")), "mzxw6");
  EXPECT_EQ(to_base32(bytes("foob")), "mzxw6yq");
  EXPECT_EQ(to_base32(bytes("fooba")), "mzxw6ytb");
  EXPECT_EQ(to_base32(bytes("foobar")), "mzxw6ytboi");
}

TEST(Base64Url, UsesTheLettersThatAUrlAllowsAndNoPadding) {
  EXPECT_EQ(to_base64url(bytes("\xFB\xFF\xFE")), "-__-");
  EXPECT_EQ(to_base64url(bytes("f")), "Zg");
}

TEST(Hex, IsLowerCaseAndReadInEither) {
  EXPECT_EQ(to_hex(bytes("\x01\xAB")), "01ab");
  EXPECT_EQ(from_hex("01aB"), "\x01\xAB");
}

TEST(Encodings, GiveBackEveryByte) {
  EXPECT_EQ(from_hex(to_hex(bytes(kAllBytes))), kAllBytes);
  EXPECT_EQ(from_base64(to_base64(bytes(kAllBytes))), kAllBytes);
  EXPECT_EQ(from_base64url(to_base64url(bytes(kAllBytes))), kAllBytes);
  EXPECT_EQ(from_base64(""), "");
}

TEST(Encodings, RefuseWhatTheyWouldNotHaveWritten) {
  for (const char* text : {"Zg", "Zg=", "Zg== ", "Z g==", "Zg==x", "Zh==", "-__-", "Z"}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
  for (const char* text : {"Zg==", "+//+", "Zh", "Z", "Zg\n"}) {
    EXPECT_EQ(from_base64url(text), std::nullopt) << text;
  }
  for (const char* text : {"0", "0g", "01 ", "0x01"}) {
    EXPECT_EQ(from_hex(text), std::nullopt) << text;
  }
}

TEST(IsUtf8, TakesTheFirstAndLastOfEachLength) {
  for (const char* text :
       {"", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(IsUtf8, RefusesOverlongSurrogateCutAndTooLarge) {
  for (const char* text : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2x", "\xE0\x9F\xBF",
                           "\xED\xA0\x80", "\xE1\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                           "\xF5\x80\x80\x80", "\xF1\x80\x80", "\xFF", "abc\xE9"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(ToUtf8, ReplacesOnlyTheBytesThatBelongToNoCharacter) {
  EXPECT_EQ(to_utf8(""), "");
  EXPECT_EQ(to_utf8("a\xC3\xBC\xF0\x9F\x8E\xA5"), "a\xC3\xBC\xF0\x9F\x8E\xA5");
  EXPECT_EQ(to_utf8("caf\xE9\"}"), "caf\xEF\xBF\xBD\"}");
  EXPECT_EQ(to_utf8("\xE2\x82x"), "\xEF\xBF\xBD\xEF\xBF\xBDx");
  EXPECT_TRUE(is_utf8(to_utf8("\xED\xA0\x80\xC0\x80\xF5\xFF\xF1\x80")));
}

}  // namespace
}  // namespace seendr
