#include "tasks/retry.hpp"

#include <gtest/gtest.h>

namespace seendr::tasks {
namespace {

template <class Error>
Fault thrown(Error error) {
  return fault_of(std::make_exception_ptr(std::move(error)));
}

TEST(TaskRetry, DelaysAreAnythingUpToALimitThatDoublesUpToTheCap) {
  SeededRandom random(1);
  const RetryPolicy policy{.max = 10, .base = Millis(100), .cap = Millis(450)};
  const std::vector<std::int64_t> limits = {100, 200, 400, 450, 450};
  for (std::size_t retries = 0; retries < limits.size(); ++retries) {
    std::int64_t least = limits[retries];
    std::int64_t most = 0;
    for (int i = 0; i < 2000; ++i) {
      const auto delay = retry_delay(policy, Fault(), static_cast<int>(retries), random);
      ASSERT_TRUE(delay);
      least = std::min<std::int64_t>(least, delay->count());
      most = std::max<std::int64_t>(most, delay->count());
    }
    EXPECT_LE(least, limits[retries] / 20) << retries;
    EXPECT_GE(most, limits[retries] * 19 / 20) << retries;
    EXPECT_LE(most, limits[retries]) << retries;
  }
}

TEST(TaskRetry, ThereAreNoMoreAttemptsThanThePolicyAllows) {
  SeededRandom random(1);
  const RetryPolicy policy{.max = 2};

  EXPECT_TRUE(retry_delay(policy, Fault(), 1, random));
  EXPECT_FALSE(retry_delay(policy, Fault(), 2, random));
  EXPECT_FALSE(retry_delay(RetryPolicy(), Fault(), 0, random));
}

TEST(TaskRetry, ManyRetriesDoNotOverflow) {
  SeededRandom random(1);
  const RetryPolicy policy{.max = 1000};

  const auto delay = retry_delay(policy, Fault(), 999, random);

  ASSERT_TRUE(delay);
  EXPECT_LE(*delay, policy.cap);
}

TEST(TaskRetry, AFinalErrorIsNotTriedAgain) {
  SeededRandom random(1);
  RetryPolicy policy{.max = 5};
  policy.final_errors.push_back(make_error_code(boost::system::errc::permission_denied));
  const system_error denied(make_error_code(boost::system::errc::permission_denied));
  const system_error busy(make_error_code(boost::system::errc::device_or_resource_busy));

  EXPECT_FALSE(retry_delay(policy, thrown(denied), 0, random));
  EXPECT_TRUE(retry_delay(policy, thrown(busy), 0, random));
  EXPECT_FALSE(retry_delay(policy, thrown(TaskError("ValueError", {}).final()), 0, random));
}

TEST(TaskRetry, AHandlerMayChooseTheDelay) {
  SeededRandom random(1);
  const Fault fault = thrown(TaskError("Busy", {}).after(Millis(1234)));

  EXPECT_EQ(retry_delay({.max = 1}, fault, 0, random), Millis(1234));
  EXPECT_FALSE(retry_delay({.max = 1}, fault, 1, random));
}

TEST(TaskRetry, AnErrorIsNamedAsPythonWouldNameIt) {
  EXPECT_EQ(thrown(TaskError("KeyError", {"k"})).failure.text(), "KeyError: k");
  EXPECT_EQ(thrown(TaskError("Odd", {}, "my.errors")).failure.module, "my.errors");
  EXPECT_EQ(thrown(std::runtime_error("no")).failure.text(), "RuntimeError: no");
  EXPECT_EQ(thrown(42).failure.type, "RuntimeError");
  const system_error denied(make_error_code(boost::system::errc::permission_denied), "open");
  EXPECT_EQ(thrown(denied).failure.text(), "OSError: open: Permission denied");
  EXPECT_EQ(thrown(denied).code, boost::system::errc::permission_denied);
  EXPECT_STREQ(TaskError("KeyError", {"k", 1}).what(), "KeyError: k, 1");
}

}  // namespace
}  // namespace seendr::tasks
