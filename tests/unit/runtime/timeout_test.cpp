#include "runtime/timeout.hpp"

#include <gtest/gtest.h>

#include "base/env.hpp"
#include "runtime/sleep.hpp"
#include "runtime/task_group.hpp"
#include "support/run.hpp"

namespace seendr {
namespace {

using namespace std::chrono_literals;

awaitable<std::string> answer_after(Millis time, bool& undisturbed) {
  undisturbed = false;
  co_await sleep_for(time);
  undisturbed = true;
  co_return "answer";
}

awaitable<void> fail_now() {
  throw std::domain_error("no");
  co_return;
}

template <class T>
awaitable<error_code> error_of(awaitable<T> work) {
  try {
    co_await std::move(work);
  } catch (const system_error& error) {
    co_return error.code();
  }
  co_return error_code();
}

TEST(WithTimeout, ReturnsWhatTheWorkReturnsInTime) {
  test::run([]() -> awaitable<void> {
    bool undisturbed = false;
    const std::string text = co_await with_timeout(answer_after(1ms, undisturbed), 10s);

    EXPECT_EQ(text, "answer");
    EXPECT_TRUE(undisturbed);
  });
}

TEST(WithTimeout, CancelsTheWorkAndSaysTimedOut) {
  test::run([]() -> awaitable<void> {
    bool undisturbed = true;
    const error_code error = co_await error_of(with_timeout(answer_after(24h, undisturbed), 1ms));

    EXPECT_EQ(error, boost::system::errc::timed_out);
    EXPECT_FALSE(undisturbed);
  });
}

TEST(WithTimeout, LetsAnExceptionOfTheWorkThrough) {
  test::run([]() -> awaitable<void> {
    bool seen = false;
    try {
      co_await with_timeout(fail_now(), 10s);
    } catch (const std::domain_error&) {
      seen = true;
    }

    EXPECT_TRUE(seen);
  });
}

TEST(WithTimeout, IsCancelledFromOutsideWithoutCallingItATimeOut) {
  test::run([]() -> awaitable<void> {
    const Executor executor = co_await net::this_coro::executor;
    bool undisturbed = true;
    std::vector<std::string> failures;
    TaskGroup tasks(executor, [&](const std::string&, std::exception_ptr error) {
      failures.push_back(what(error));
    });
    auto limited = [](bool& flag) -> awaitable<void> {
      co_await with_timeout(answer_after(24h, flag), 24h);
    };
    tasks.spawn("limited", limited(undisturbed));
    co_await sleep_for(1ms);

    tasks.cancel();
    co_await tasks.join();

    EXPECT_EQ(failures, std::vector<std::string>{});
    EXPECT_FALSE(undisturbed);
  });
}

}  // namespace
}  // namespace seendr
