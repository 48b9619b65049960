#include "runtime/child_process.hpp"

#include <array>
#include <cerrno>
#include <condition_variable>
#include <fcntl.h>
#include <future>
#include <grp.h>
#include <mutex>
#include <poll.h>
#include <thread>
#include <unistd.h>

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "base/error.hpp"
#include "runtime/timeout.hpp"

#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace seendr {

namespace {

constexpr std::size_t kLongestLine = 4096;

[[noreturn]] void fail(int error, const std::string& context) {
  throw system_error(error_code(error, boost::system::system_category()), context);
}

// A file descriptor that is closed with its owner.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { close(); }

  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

struct Pipe {
  Fd read_end;
  Fd write_end;

  static Pipe make() {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) != 0) fail(errno, "cannot make a pipe");
    return Pipe{Fd(fds[0]), Fd(fds[1])};
  }
};

enum class Step : int { switch_user, rights, directory, execute };

// What the forked child tells its parent when it cannot become the program.
struct Failure {
  Step step;
  int error;
};

std::string context(Step step, const ChildOptions& options) {
  switch (step) {
    case Step::switch_user:
      return "cannot become the user " + options.identity.user;
    case Step::rights:
      return "cannot give up rights for " + options.program;
    case Step::directory:
      return "cannot enter " + options.directory;
    default:
      return "cannot execute " + options.program;
  }
}

// Everything the forked child needs, made beforehand: between fork and exec it may not allocate.
struct Plan {
  std::vector<char*> argv;
  std::vector<char*> envp;
  const char* directory = nullptr;
  Identity identity;
  int death_signal = 0;
  int input = -1;
  int output = -1;
  int failure = -1;  // Closed by a successful exec.
  pid_t parent = 0;
};

[[noreturn]] void give_up(const Plan& plan, Step step) {
  const Failure failure{step, errno};
  [[maybe_unused]] const ssize_t n = write(plan.failure, &failure, sizeof failure);
  _exit(127);
}

void reset_signals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void close_on_exec_from(unsigned first) {
  if (syscall(SYS_close_range, first, ~0U, 1U << 2 /* CLOSE_RANGE_CLOEXEC */) == 0) return;
  for (int fd = static_cast<int>(first); fd < 4096; ++fd) fcntl(fd, F_SETFD, FD_CLOEXEC);
}

// Runs in the forked child; only async-signal-safe calls. The bare system calls change the one
// thread that is left, where the library's would look for others.
[[noreturn]] void become(const Plan& plan) {
  reset_signals();
  setsid();
  umask(077);
  if (dup2(plan.input, 0) < 0 || dup2(plan.output, 1) < 0 || dup2(plan.output, 2) < 0) {
    give_up(plan, Step::rights);
  }
  close_on_exec_from(3);

  const Identity& who = plan.identity;
  if (who.switches && (syscall(SYS_setgroups, 1, &who.gid) != 0 ||
                       syscall(SYS_setresgid, who.gid, who.gid, who.gid) != 0 ||
                       syscall(SYS_setresuid, who.uid, who.uid, who.uid) != 0)) {
    give_up(plan, Step::switch_user);
  }
  // After the change of user, which would clear it.
  if (prctl(PR_SET_PDEATHSIG, plan.death_signal) != 0 ||
      prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    give_up(plan, Step::rights);
  }
  if (getppid() != plan.parent) _exit(127);  // It ended before the line above.

  if (chdir(plan.directory) != 0) give_up(plan, Step::directory);
  execve(plan.argv[0], plan.argv.data(), plan.envp.data());
  give_up(plan, Step::execute);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

Fd open_log(const std::string& path) {
  // The folder may belong to the child's user: follow no link it may have left there.
  Fd log(open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (log.get() < 0) fail(errno, "cannot open the log " + path);
  return log;
}

}  // namespace

struct ChildProcess::State {
  explicit State(ChildOptions o) : options(std::move(o)) {}

  void start();
  void run(std::promise<void> started);
  pid_t spawn(Fd output);
  void watch();
  bool reap();
  bool read_block();
  void read_rest();
  void hand_on_line();
  void kill_group();

  ChildOptions options;
  pid_t pid = 0;
  Fd process;  // A pidfd: readable once the child has ended.
  Fd lines;    // What the child prints, when on_line wants it.
  Fd ended;    // An eventfd: readable, for everybody, once `status` is set.
  std::string line;
  mutable std::mutex
      mutex;  // Guards `status`; held for every signal, so that none hits a reused pid.
  mutable std::condition_variable changed;
  std::optional<int> status;
  std::thread thread;
};

void ChildProcess::State::start() {
  ended = Fd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (ended.get() < 0) fail(errno, "cannot make an eventfd");

  std::promise<void> started;
  std::future<void> outcome = started.get_future();
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // Signals are for the program's own threads.
  thread = std::thread([this, promise = std::move(started)]() mutable { run(std::move(promise)); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  try {
    outcome.get();
  } catch (...) {
    thread.join();
    throw;
  }
}

void ChildProcess::State::run(std::promise<void> started) {
  try {
    Fd output;
    if (!options.log_file.empty()) {
      output = open_log(options.log_file);
    } else if (options.on_line) {
      Pipe pipe = Pipe::make();
      fcntl(pipe.read_end.get(), F_SETFL, O_NONBLOCK);
      lines = std::move(pipe.read_end);
      output = std::move(pipe.write_end);
    } else {
      output = Fd(open("/dev/null", O_WRONLY | O_CLOEXEC));
    }
    pid = spawn(std::move(output));
  } catch (...) {
    started.set_exception(std::current_exception());
    return;
  }
  started.set_value();
  watch();
}

pid_t ChildProcess::State::spawn(Fd output) {
  const Fd input(open("/dev/null", O_RDONLY | O_CLOEXEC));
  Pipe failure = Pipe::make();
  std::vector<std::string> arguments = options.arguments;
  arguments.insert(arguments.begin(), options.program);
  std::vector<std::string> environment = options.environment;
  const Plan plan{.argv = pointers(arguments),
                  .envp = pointers(environment),
                  .directory = options.directory.c_str(),
                  .identity = options.identity,
                  .death_signal = options.parent_death_signal,
                  .input = input.get(),
                  .output = output.get(),
                  .failure = failure.write_end.get(),
                  .parent = getpid()};

  const pid_t child = fork();
  if (child == 0) become(plan);
  if (child < 0) fail(errno, "cannot fork");
  failure.write_end.close();

  Failure told{};
  ssize_t n = 0;
  do {
    n = read(failure.read_end.get(), &told, sizeof told);
  } while (n < 0 && errno == EINTR);
  if (n == 0) {
    process = Fd(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
    if (process.get() >= 0) return child;
    told = Failure{Step::rights, errno};
    kill(child, SIGKILL);
  }
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  fail(told.error, context(told.step, options));
}

void ChildProcess::State::watch() {
  while (true) {
    std::array<pollfd, 2> events{pollfd{process.get(), POLLIN, 0}, pollfd{lines.get(), POLLIN, 0}};
    if (poll(events.data(), events.size(), -1) < 0 && errno != EINTR)
      break;  // Never, on valid input.
    if (events[1].revents != 0) read_block();
    if (events[0].revents != 0 && reap()) break;
  }
}

bool ChildProcess::State::reap() {
  read_rest();
  const std::lock_guard lock(mutex);
  int raw = 0;
  if (waitpid(pid, &raw, WNOHANG) != pid) return false;
  status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t n = write(ended.get(), &one, sizeof one);
  changed.notify_all();
  return true;
}

// One block of what the child printed; whether there may be more.
bool ChildProcess::State::read_block() {
  if (lines.get() < 0) return false;
  std::array<char, kLongestLine> block{};
  const ssize_t n = read(lines.get(), block.data(), block.size());
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) lines.close();
  for (ssize_t i = 0; i < n; ++i) {
    const char c = block[static_cast<std::size_t>(i)];
    if (c != '\n') line += c;
    if (c == '\n' || line.size() >= kLongestLine) hand_on_line();
  }
  return n > 0;
}

// The child is gone: takes what is left in the pipe, and no more, as a grandchild may hold it open.
void ChildProcess::State::read_rest() {
  for (int blocks = 0; blocks < 64 && read_block(); ++blocks) {
  }
  if (!line.empty()) hand_on_line();
}

void ChildProcess::State::hand_on_line() {
  options.on_line(line);
  line.clear();
}

void ChildProcess::State::kill_group() {
  const std::lock_guard lock(mutex);
  if (!status) kill(-pid, SIGKILL);
}

ChildProcess::ChildProcess(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChildProcess::ChildProcess(ChildProcess&&) noexcept = default;

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (!state_) return;
  state_->kill_group();
  state_->thread.join();
}

ChildProcess ChildProcess::start(ChildOptions options) {
  auto state = std::make_unique<State>(std::move(options));
  state->start();
  return ChildProcess(std::move(state));
}

pid_t ChildProcess::pid() const {
  return state_->pid;
}

bool ChildProcess::running() const {
  return !exit_status();
}

std::optional<int> ChildProcess::exit_status() const {
  const std::lock_guard lock(state_->mutex);
  return state_->status;
}

void ChildProcess::signal(int number) {
  const std::lock_guard lock(state_->mutex);
  if (!state_->status) kill(state_->pid, number);
}

bool ChildProcess::wait(Millis limit) const {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, limit, [this] { return state_->status.has_value(); });
}

awaitable<bool> ChildProcess::ended(Millis limit) const {
  if (!running()) co_return true;
  const Executor executor = co_await net::this_coro::executor;
  net::posix::basic_stream_descriptor<Executor> event(executor, dup(state_->ended.get()));
  Timer timer(executor, limit);
  auto race = net::experimental::make_parallel_group(
      event.async_wait(net::posix::descriptor_base::wait_read, net::deferred),
      timer.async_wait(net::deferred));
  co_await race.async_wait(net::experimental::wait_for_one(), use_awaitable);
  co_return !running();
}

}  // namespace seendr
