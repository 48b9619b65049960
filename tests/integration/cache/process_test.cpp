// The same with processes that are processes: forked, and killed.
#include <csignal>
#include <unistd.h>

#include "host.hpp"
#include <sys/wait.h>

namespace seendr::cache {
namespace {

constexpr const char* kLoaders = "test:loaders";  // The process of every load that begins.

constexpr Millis kLease{1500};

// Loads as if from far away; says in Redis that it does.
awaitable<std::string> load(redis::Client& client, Millis takes) {
  redis::Command note("RPUSH", kLoaders, static_cast<std::int64_t>(getpid()));
  co_await client.exec(std::move(note));
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
  options.load_limit = kLease;
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

  // In the order in which they began.
  awaitable<std::vector<pid_t>> loaders() {
    redis::Command range("LRANGE", kLoaders, 0, -1);
    const redis::Reply reply = co_await redis().exec(std::move(range));
    std::vector<pid_t> out;
    for (const redis::Reply& pid : reply.as_array()) out.push_back(std::stoi(pid.text()));
    co_return out;
  }

  // The same, once there are so many or the limit has passed.
  awaitable<std::vector<pid_t>> loaders(std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    std::vector<pid_t> out;
    while (out.size() < count && std::chrono::steady_clock::now() < deadline) {
      co_await sleep_for(2ms);
      out = co_await loaders();
    }
    co_return out;
  }

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
        const std::vector<pid_t> all = co_await loaders();

        EXPECT_EQ(first_status, 0);
        EXPECT_EQ(second_status, 0);
        EXPECT_EQ(all.size(), 1U);
      },
      60s);
}

TEST_F(ProcessTest, OfAThousandMissesAKilledLoaderCausesOneMoreLoadWithinTheTimeOfItsLease) {
  const pid_t first = start_child(500, 600ms);
  const pid_t second = start_child(500, 600ms);
  run(
      [&]() -> awaitable<void> {
        const std::vector<pid_t> before = co_await loaders(1);
        const auto begin = std::chrono::steady_clock::now();
        const pid_t dying = before.empty() ? first : before[0];
        const pid_t other = dying == first ? second : first;
        kill(dying, SIGKILL);
        const int killed = co_await status_of(dying);
        const std::vector<pid_t> after = co_await loaders(2);
        const auto took = std::chrono::steady_clock::now() - begin;
        const int status = co_await status_of(other);
        const std::vector<pid_t> all = co_await loaders();

        const std::vector<pid_t> both{dying, other};
        EXPECT_EQ(killed, -1);
        EXPECT_EQ(after, both);
        EXPECT_EQ(all, both);
        EXPECT_EQ(status, 0) << "all of its readers have the value";
        EXPECT_GT(took, 500ms);
        EXPECT_LT(took, kLease + 1s);  // The lease, and a busy machine's way to a look at it.
      },
      60s);
}

}  // namespace
}  // namespace seendr::cache
