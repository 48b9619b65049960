#include "codec/crypto.hpp"

#include <set>

#include <gtest/gtest.h>

#include "codec/text.hpp"

namespace seendr {
namespace {

std::string hex(const std::string& data) {
  return to_hex(bytes(data));
}

// FIPS 180-2, appendix B.
TEST(Sha256, AgreesWithTheStandard) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// RFC 2202, test case 2.
TEST(HmacSha1, AgreesWithTheRfc) {
  EXPECT_EQ(hex(hmac_sha1("Jefe", "what do ya want for nothing?")),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

// RFC 4231, test cases 2 and 6: a key longer than a block.
TEST(HmacSha256, AgreesWithTheRfc) {
  EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac_sha256(std::string(131, '\xAA'),
                            "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(EqualSecrets, ComparesEveryByteAndTheLength) {
  EXPECT_TRUE(equal_secrets("", ""));
  EXPECT_TRUE(equal_secrets("secret", "secret"));
  EXPECT_FALSE(equal_secrets("secret", "secreT"));
  EXPECT_FALSE(equal_secrets("secret", "Secret"));
  EXPECT_FALSE(equal_secrets("secret", "secre"));
  EXPECT_FALSE(equal_secrets(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

TEST(RandomSecret, Is32BytesThatFitIntoAUrlAndDoNotRepeat) {
  SystemRandom random;
  std::set<std::string> secrets;
  for (int i = 0; i < 100; ++i) secrets.insert(random_secret(random));

  EXPECT_EQ(secrets.size(), 100U);
  EXPECT_EQ(from_base64url(*secrets.begin()).value().size(), 32U);
  EXPECT_EQ(random_bytes(random, 5).size(), 5U);
  EXPECT_EQ(random_bytes(random, 0), "");
}

}  // namespace
}  // namespace seendr
