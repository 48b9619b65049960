#include "runtime/child_process.hpp"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <poll.h>
#include <sstream>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "support/run.hpp"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace seendr {
namespace {

using namespace std::chrono_literals;

constexpr Millis kLong{10'000};

// Collects what a child prints; the child's thread writes, the test reads.
class Lines {
 public:
  std::function<void(std::string_view)> collector() {
    return [this](std::string_view line) {
      const std::lock_guard lock(mutex_);
      lines_.emplace_back(line);
    };
  }
  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

ChildOptions shell(std::string script) {
  ChildOptions options;
  options.program = "/bin/sh";
  options.arguments = {"-c", std::move(script)};
  options.environment = {"PATH=/usr/bin:/bin"};
  return options;
}

std::vector<std::string> output_of(ChildOptions options) {
  Lines lines;
  options.on_line = lines.collector();
  const ChildProcess child = ChildProcess::start(std::move(options));
  EXPECT_TRUE(child.wait(kLong));
  return lines.all();
}

std::string status_field(const std::vector<std::string>& status, const std::string& name) {
  for (const std::string& line : status) {
    if (line.starts_with(name + ":\t")) return line.substr(name.size() + 2);
  }
  return "";
}

// Whether the process is gone within `limit`, or only its unreaped remains are left.
bool gone_within(pid_t pid, Millis limit) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return errno == ESRCH;
  pollfd event{fd, POLLIN, 0};
  const bool gone = poll(&event, 1, static_cast<int>(limit.count())) == 1;
  close(fd);
  return gone;
}

TEST(ChildProcess, TellsTheExitCodeOfTheProgram) {
  const ChildProcess child = ChildProcess::start(shell("exit 7"));

  ASSERT_TRUE(child.wait(kLong));

  EXPECT_FALSE(child.running());
  EXPECT_EQ(child.exit_status(), 7);
}

TEST(ChildProcess, TellsTheSignalThatEndedTheProgramAsAShellDoes) {
  ChildProcess child = ChildProcess::start(shell("exec sleep 60"));
  EXPECT_TRUE(child.running());
  EXPECT_EQ(child.exit_status(), std::nullopt);

  child.signal(SIGTERM);

  ASSERT_TRUE(child.wait(kLong));
  EXPECT_EQ(child.exit_status(), 128 + SIGTERM);
}

TEST(ChildProcess, SaysWhichProgramCouldNotBeExecuted) {
  ChildOptions options;
  options.program = "/nowhere/program";
  try {
    ChildProcess::start(options);
    FAIL() << "started";
  } catch (const system_error& error) {
    EXPECT_EQ(error.code(), boost::system::errc::no_such_file_or_directory);
    EXPECT_NE(std::string(error.what()).find("cannot execute /nowhere/program"), std::string::npos);
  }
}

TEST(ChildProcess, SaysWhichDirectoryCouldNotBeEntered) {
  ChildOptions options = shell("true");
  options.directory = "/nowhere";
  try {
    ChildProcess::start(options);
    FAIL() << "started";
  } catch (const system_error& error) {
    EXPECT_NE(std::string(error.what()).find("cannot enter /nowhere"), std::string::npos);
  }
}

TEST(ChildProcess, HandsOnEachLineOfBothOutputsAndTheUnfinishedLast) {
  const auto lines = output_of(shell("echo one; echo two >&2; printf three"));

  EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", "three"}));
}

TEST(ChildProcess, HandsOnAVeryLongLineInPieces) {
  const auto lines = output_of(shell("head -c 10000 /dev/zero | tr '\\0' x; echo"));

  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].size() + lines[1].size() + lines[2].size(), 10'000U);
}

TEST(ChildProcess, AppendsBothOutputsToAPrivateLog) {
  char name[] = "/tmp/seendr-log-XXXXXX";
  const std::filesystem::path folder = mkdtemp(name);
  ChildOptions options = shell("echo out; echo err >&2");
  options.log_file = folder / "child.log";

  for (int i = 0; i < 2; ++i) EXPECT_TRUE(ChildProcess::start(options).wait(kLong));

  std::stringstream text;
  text << std::ifstream(options.log_file).rdbuf();
  EXPECT_EQ(text.str(), "out\nerr\nout\nerr\n");
  struct stat info {};
  ASSERT_EQ(stat(options.log_file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  std::filesystem::remove_all(folder);
}

TEST(ChildProcess, GivesTheProgramOnlyTheEnvironmentItIsTold) {
  setenv("SEENDR_TEST_LEAK", "1", 1);
  ChildOptions options;
  options.program = find_program("env").value();
  options.environment = {"GREETING=hello"};

  const auto lines = output_of(options);

  EXPECT_EQ(lines, std::vector<std::string>{"GREETING=hello"});
  unsetenv("SEENDR_TEST_LEAK");
}

TEST(ChildProcess, HandsOnNoDescriptorOfTheParent) {
  const int leak = open("/dev/null", O_RDONLY);  // Without O_CLOEXEC, as a careless library would.

  const auto lines = output_of(shell("exec ls /proc/self/fd"));

  EXPECT_EQ(lines, (std::vector<std::string>{"0", "1", "2", "3"}));  // 3 is the listing itself.
  close(leak);
}

TEST(ChildProcess, TakesAwayTheRightToGainRightsAndSetsSignalsBack) {
  signal(SIGPIPE, SIG_IGN);  // NOLINT: what a server does, and a child would inherit.

  ChildOptions options = shell("exec cat /proc/self/status");
  const auto status = output_of(options);

  EXPECT_EQ(status_field(status, "NoNewPrivs"), "1");
  EXPECT_EQ(status_field(status, "Umask"), "0077");
  EXPECT_EQ(status_field(status, "SigIgn"), "0000000000000000");
  EXPECT_EQ(status_field(status, "SigBlk"), "0000000000000000");
  signal(SIGPIPE, SIG_DFL);
}

TEST(ChildProcess, RunsInASessionOfItsOwn) {
  const ChildProcess child = ChildProcess::start(shell("exec sleep 60"));

  EXPECT_EQ(getsid(child.pid()), child.pid());
}

TEST(ChildProcess, BecomesTheUnprivilegedUserWithoutOtherGroups) {
  if (geteuid() != 0) {
    EXPECT_FALSE(unprivileged_identity({"nobody"}).switches);
    return;
  }
  ChildOptions options = shell("exec cat /proc/self/status");
  options.identity = unprivileged_identity({"no-such-user-here", "nobody"});
  const std::string uid = std::to_string(options.identity.uid);
  const std::string gid = std::to_string(options.identity.gid);

  const auto status = output_of(options);

  EXPECT_EQ(options.identity.user, "nobody");
  EXPECT_EQ(status_field(status, "Uid"), uid + "\t" + uid + "\t" + uid + "\t" + uid);
  EXPECT_EQ(status_field(status, "Gid"), gid + "\t" + gid + "\t" + gid + "\t" + gid);
  EXPECT_EQ(status_field(status, "Groups"), gid + " ");
}

TEST(ChildProcess, NamesTheUsersItLookedForWhenRootFindsNone) {
  if (geteuid() != 0) return;
  try {
    unprivileged_identity({"no-such-user-a", "no-such-user-b"});
    FAIL() << "found";
  } catch (const system_error& error) {
    EXPECT_NE(std::string(error.what()).find("no-such-user-a, no-such-user-b"), std::string::npos);
  }
}

TEST(ChildProcess, IsKilledWithItsOwnChildrenWhenItsOwnerGoes) {
  Lines lines;
  ChildOptions options = shell("sleep 60 & echo $!; exec sleep 60");
  options.on_line = lines.collector();
  pid_t pid = 0;
  {
    const ChildProcess child = ChildProcess::start(options);
    pid = child.pid();
    while (lines.all().empty()) std::this_thread::yield();
  }

  EXPECT_TRUE(gone_within(pid, 0ms));
  EXPECT_TRUE(gone_within(std::stoi(lines.all().at(0)), 1000ms));
}

TEST(ChildProcess, CanBeMovedAndReplaced) {
  ChildProcess child = ChildProcess::start(shell("exec sleep 60"));
  const pid_t first = child.pid();

  child = ChildProcess::start(shell("exec sleep 60"));

  EXPECT_TRUE(gone_within(first, 0ms));
  EXPECT_TRUE(child.running());
}

TEST(ChildProcess, OutlivesTheThreadThatStartedIt) {
  std::optional<ChildProcess> child;
  std::thread([&] { child = ChildProcess::start(shell("exec sleep 60")); }).join();

  EXPECT_FALSE(child->wait(100ms));

  EXPECT_TRUE(child->running());
}

TEST(ChildProcess, IsWaitedForInACoroutine) {
  ChildProcess child = ChildProcess::start(shell("exec sleep 60"));
  test::run([&]() -> awaitable<void> {
    const bool early = co_await child.ended(1ms);
    child.signal(SIGKILL);
    const bool late = co_await child.ended(kLong);
    const bool again = co_await child.ended(1ms);

    EXPECT_FALSE(early);
    EXPECT_TRUE(late);
    EXPECT_TRUE(again);
  });
}

// Two processes: the first is this test's child, starts the second, and is killed.
TEST(ChildProcess, EndsWithItsParentEvenWhenThatIsKilled) {
  for (const bool switches : {false, true}) {
    if (switches && geteuid() != 0) continue;
    int fds[2];
    ASSERT_EQ(pipe(fds), 0);
    const pid_t parent = fork();
    if (parent == 0) {
      ChildOptions options = shell("exec sleep 60");
      if (switches) options.identity = unprivileged_identity({"nobody"});
      options.parent_death_signal = SIGTERM;
      const ChildProcess child = ChildProcess::start(options);
      const pid_t pid = child.pid();
      [[maybe_unused]] const ssize_t n = write(fds[1], &pid, sizeof pid);
      pause();
      _exit(0);
    }
    pid_t pid = 0;
    ASSERT_EQ(read(fds[0], &pid, sizeof pid), static_cast<ssize_t>(sizeof pid));
    EXPECT_FALSE(gone_within(pid, 0ms));

    kill(parent, SIGKILL);

    EXPECT_TRUE(gone_within(pid, 1000ms));
    waitpid(parent, nullptr, 0);
    close(fds[0]);
    close(fds[1]);
  }
}

}  // namespace
}  // namespace seendr
