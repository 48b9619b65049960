#include "auth/password.hpp"

#include <gtest/gtest.h>

#include "support/run.hpp"

namespace seendr::auth {
namespace {

const PasswordOptions kCheap{8192, 1};

TEST(Passwords, TheRightPasswordFitsAndOthersDoNot) {
  Offload offload(1, 8);
  Passwords passwords(offload, kCheap);
  test::run([&]() -> awaitable<void> {
    const std::string hash = co_await passwords.hash("correct horse");
    EXPECT_TRUE(hash.starts_with("$argon2id$"));
    EXPECT_EQ(hash.find("correct"), std::string::npos);

    const bool right = co_await passwords.verify(hash, "correct horse");
    const bool wrong = co_await passwords.verify(hash, "correct house");
    const bool nobody = co_await passwords.verify("", "correct horse");
    const bool garbage = co_await passwords.verify("not a hash", "correct horse");

    EXPECT_TRUE(right);
    EXPECT_FALSE(wrong);
    EXPECT_FALSE(nobody);
    EXPECT_FALSE(garbage);
  });
}

TEST(Passwords, TheSamePasswordHashesDifferentlyEachTime) {
  Offload offload(1, 8);
  Passwords passwords(offload, kCheap);
  test::run([&]() -> awaitable<void> {
    const std::string a = co_await passwords.hash("correct horse");
    const std::string b = co_await passwords.hash("correct horse");
    EXPECT_NE(a, b);
  });
}

}  // namespace
}  // namespace seendr::auth
