// The same with processes that are processes: forked, and killed.
#include <csignal>
#include <unistd.h>

#include "host.hpp"
#include <sys/wait.h>

namespace seendr::cache {
namespace {

constexpr const char* kLoads = "test:loads";  // Counts every load that any process begins.

// Loads as if from far away; says in Redis that it does.
awaitable<std::string> load(redis::Client& client, Millis takes) {
  redis::Command count("INCR", kLoads);
  co_await client.exec(std::move(count));
  co_await sleep_for(takes);
  co_return "value";
}

awaitable<void> read(Host& host, Millis takes, int& got) {
  LoadOptions options;
  std::function<awaitable<std::string>()> loader = [&host, takes] {
    return load(host.client, takes);
  };
  const std::string value =
      co_await host.cache.get_or_load<std::string>("k", std::move(options), std::move(loader));
  if (value == "value") ++got;
}

// The life of a child: `readers` ask at the same time. Returns its exit status: 0 if all got it.
int ask(const redis::Url& url, int readers, Millis takes, std::uint64_t seed) {
  net::io_context io;
  CacheOptions options;
  options.load_limit = 800ms;
  Host host(io, url, options, seed);
  int got = 0;
  const auto body = [&]() -> awaitable<void> {
    co_await host.client.wait_connected(Millis(5000));
    TaskGroup tasks(io.get_executor(), [](const std::string&, std::exception_ptr) {});
    for (int i = 0; i < readers; ++i) tasks.spawn("reader", read(host, takes, got));
    co_await tasks.join();
    co_await host.stop();
  };
  test::run(io, body, std::chrono::seconds(20));
  return got == readers ? 0 : 1;
}

class ProcessTest : public CacheTest {
 protected:
  ~ProcessTest() override {
    for (const pid_t child : children_) {
      kill(child, SIGKILL);
      waitpid(child, nullptr, 0);
    }
  }

  // The child has nothing of the parent but the memory it began with, and leaves without cleaning
  // up after it.
  pid_t start_child(int readers, Millis takes) {
    const redis::Url url = server().url();
    const std::uint64_t seed = ++seed_;  // Two of one seed would draw the same tokens.
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("fork failed");
    if (child == 0) {
      int status = 2;
      try {
        status = ask(url, readers, takes, seed);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "child: %s\n", error.what());
      }
      _exit(status);
    }
    children_.push_back(child);
    return child;
  }

  // The exit status, once the child has ended; -1 when it does not.
  awaitable<int> status_of(pid_t child) {
    int status = -1;
    const auto ended = [child, &status] {
      return waitpid(child, &status, WNOHANG) == child;
    };
    const bool has_ended = co_await becomes(ended, 20s);
    if (!has_ended) co_return -1;
    children_.erase(std::find(children_.begin(), children_.end(), child));
    co_return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  awaitable<std::string> loads() { return raw(kLoads); }

  std::vector<pid_t> children_;
  std::uint64_t seed_ = 100;
};

TEST_F(ProcessTest, AThousandMissesInTwoProcessesCauseOneLoad) {
  const pid_t first = start_child(500, 300ms);
  const pid_t second = start_child(500, 300ms);
  run(
      [&]() -> awaitable<void> {
        const int first_status = co_await status_of(first);
        const int second_status = co_await status_of(second);
        const std::string count = co_await loads();

        EXPECT_EQ(first_status, 0);
        EXPECT_EQ(second_status, 0);
        EXPECT_EQ(count, "1");
      },
      60s);
}

TEST_F(ProcessTest, AKilledLoaderCausesOneMoreLoadWithinTheTimeOfItsLease) {
  const pid_t dying = start_child(1, 700ms);
  run(
      [&]() -> awaitable<void> {
        std::string count;
        for (int i = 0; i < 5000 && count != "1"; ++i) {
          co_await sleep_for(2ms);
          count = co_await loads();
        }
        EXPECT_EQ(count, "1");
        kill(dying, SIGKILL);
        const int killed = co_await status_of(dying);
        const auto begin = std::chrono::steady_clock::now();
        const pid_t second = start_child(100, 10ms);
        const pid_t third = start_child(100, 10ms);
        for (int i = 0; i < 5000 && count != "2"; ++i) {
          co_await sleep_for(2ms);
          count = co_await loads();
        }
        const auto took = std::chrono::steady_clock::now() - begin;
        const int second_status = co_await status_of(second);
        const int third_status = co_await status_of(third);
        count = co_await loads();

        EXPECT_EQ(killed, -1);
        EXPECT_EQ(second_status, 0);
        EXPECT_EQ(third_status, 0);
        EXPECT_EQ(count, "2");
        EXPECT_GT(took, 500ms);
        EXPECT_LT(took, 800ms + 1s);  // The lease, and a busy machine's way to a look at it.
      },
      60s);
}

}  // namespace
}  // namespace seendr::cache
