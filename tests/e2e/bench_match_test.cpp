// `seendr bench match` against two processes, small.
#include "lab/bench_match.hpp"

#include <cstdio>

#include <gtest/gtest.h>

#include "support/serve.hpp"

namespace seendr::lab {
namespace {

using namespace std::chrono_literals;

TEST(BenchMatch, PlaysGuestsInEachMannerAndShapeAndSeesNoViolation) {
  test::TestEnv test_env;
  const Env env = test_env.real();
  test::Backend backend;
  for (const char* limit : {"MATCHING", "CONNECTIONS_ADDRESS", "GUEST_ADDRESS"}) {
    backend.set(std::string("SEENDR_LIMITS_") + limit + "=off");
  }
  test::ServeProcess first(backend);
  test::ServeProcess second(backend);
  BenchMatchOptions options;
  options.servers = {first.url(), second.url()};
  options.redis_url = backend.redis().url_text();
  options.connected = 60;
  options.searching = 40;
  options.per_second = 20;
  options.duration = 1s;
  options.call = 300ms;
  options.hold = 100ms;
  options.json = true;

  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  int status = -1;
  test::run([&env, &options,
             &status]() -> awaitable<void> { status = co_await run_bench_match(env, options); },
            120s);
  const std::string printed = testing::internal::GetCapturedStdout();
  const std::string shown = testing::internal::GetCapturedStderr();

  EXPECT_EQ(status, 0) << shown;
  EXPECT_EQ(shown.find("trouble:"), std::string::npos) << shown;
  for (const char* what :
       {"match.article_burst_both.40.p99", "match.standing_burst_wait.40.p50",
        "match.article_open_loop_first.20.max", "match.standing_open_loop_redis_cpu.20.mean"}) {
    EXPECT_NE(printed.find(what), std::string::npos) << what;
  }
}

TEST(BenchMatch, TheCommandStartsServersOfItsOwnAndEndsThem) {
  const std::string command =
      std::string(SEENDR_BINARY) +
      " bench match --processes 2 --connected 20 --searching 20 --hold-ms 100"
      " --shape burst --profile standing --json 2>/dev/null";
  std::FILE* pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string printed;
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, pipe)) printed += buffer;
  const int status = pclose(pipe);

  EXPECT_EQ(status, 0) << printed;
  EXPECT_NE(printed.find("match.standing_burst_both.20.p99"), std::string::npos) << printed;
}

}  // namespace
}  // namespace seendr::lab
