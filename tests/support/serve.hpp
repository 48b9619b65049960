// `seendr` as a child process, on a Redis and a PostgreSQL of the test. For tests of whole stories.
#pragma once

#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/child_process.hpp"
#include "support/postgres_test.hpp"
#include "support/redis_test.hpp"

namespace seendr::test {

// What the program printed, stdout and stderr together; filled from the child's thread.
class Output {
 public:
  void add(std::string_view line) {
    const std::lock_guard lock(mutex_);
    text_ += line;
    text_ += '\n';
    changed_.notify_all();
  }

  // The rest of the first line that starts so; nullopt after `limit`.
  std::optional<std::string> wait_for(const std::string& start, std::chrono::seconds limit) {
    std::unique_lock lock(mutex_);
    std::optional<std::string> found;
    changed_.wait_for(lock, limit, [this, &start, &found] {
      found = find(start);
      return found.has_value();
    });
    return found;
  }

  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  std::optional<std::string> find(const std::string& start) const {
    const std::size_t at = text_.rfind(start, 0) == 0 ? 0 : text_.find('\n' + start);
    if (at == std::string::npos) return std::nullopt;
    const std::size_t from = text_.find(start, at) + start.size();
    return text_.substr(from, text_.find('\n', from) - from);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;
};

// A durable Redis and a migrated database that several processes share, and how to start them.
class Backend {
 public:
  Backend() : redis_(RedisServer::Options{true, {}}) {}

  RedisServer& redis() { return redis_; }
  TestDatabase& database() { return database_; }

  // Where mails are written.
  std::string outbox() const { return folder_.path() + "/outbox"; }

  // Added to the environment of what starts from now on: "SEENDR_LIMITS_MATCHING=off".
  void set(std::string variable) { settings_.push_back(std::move(variable)); }

  // What starts from now on finds Redis at another address.
  void redis_through(std::string url) { redis_url_ = std::move(url); }

  // Starts `seendr` with these arguments.
  ChildProcess start(std::vector<std::string> arguments, std::shared_ptr<Output> output) {
    ChildOptions options;
    options.program = SEENDR_BINARY;
    options.arguments = std::move(arguments);
    options.environment = {"REDIS_URL=" + redis_url_, "DATABASE_URL=" + database_.url(),
                           "PATH=/usr/bin:/bin", "HOME=/nonexistent",
                           "SEENDR_MAIL_OUTBOX_DIR=" + outbox()};
    options.environment.insert(options.environment.end(), settings_.begin(), settings_.end());
    options.on_line = [output](std::string_view line) {
      output->add(line);
    };
    return ChildProcess::start(std::move(options));
  }

  // Runs a command to its end; throws what it printed when it fails.
  std::string run(std::vector<std::string> arguments, std::chrono::seconds limit) {
    const std::string name = arguments.empty() ? "" : arguments.front();
    const auto output = std::make_shared<Output>();
    const ChildProcess child = start(std::move(arguments), output);
    if (!child.wait(limit) || child.exit_status() != 0) {
      throw std::runtime_error("seendr " + name + " failed: " + output->text());
    }
    return output->text();
  }

 private:
  RedisServer redis_;
  TestDatabase database_;
  TempFolder folder_;
  std::string redis_url_ = redis_.url_text();
  std::vector<std::string> settings_;
};

// One `seendr serve`, ready when constructed; killed when destroyed.
class ServeProcess {
 public:
  explicit ServeProcess(Backend& backend, std::vector<std::string> flags = {})
      : output_(std::make_shared<Output>()), child_(start(backend, std::move(flags), output_)) {
    const auto ready = output_->wait_for("Seendr is ready at ", std::chrono::seconds(60));
    if (!ready) throw std::runtime_error("seendr serve is not ready: " + output_->text());
    url_ = *ready;
  }

  const std::string& url() const { return url_; }  // "http://127.0.0.1:40123/"
  std::string output() { return output_->text(); }
  ChildProcess& process() { return child_; }

  // SIGKILL; returns when the process is gone.
  void kill9() {
    child_.signal(SIGKILL);
    if (!child_.wait(Millis(10'000))) throw std::runtime_error("seendr serve outlives SIGKILL");
  }

 private:
  static ChildProcess start(Backend& backend, std::vector<std::string> flags,
                            std::shared_ptr<Output> output) {
    std::vector<std::string> arguments{"serve", "--port", "0", "--instances", "1"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return backend.start(std::move(arguments), std::move(output));
  }

  std::shared_ptr<Output> output_;
  ChildProcess child_;
  std::string url_;
};

}  // namespace seendr::test
