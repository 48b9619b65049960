// A real mail server (tests/support/mail_server.py) as a child process, on a free port of loopback.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "runtime/child_process.hpp"

namespace seendr::test {

class MailServer {
 public:
  // `arguments`: the mode, then options, as the script takes them.
  explicit MailServer(std::vector<std::string> arguments)
      : said_(std::make_shared<Said>()), child_(start(std::move(arguments), said_)) {
    const json::object first = next();
    port_ = static_cast<std::uint16_t>(first.at("port").as_int64());
  }

  std::uint16_t port() const { return port_; }

  // The next mail it took; throws when none comes.
  json::object next() {
    std::unique_lock lock(said_->mutex);
    const bool there = said_->changed.wait_for(lock, std::chrono::seconds(20),
                                               [this] { return !said_->lines.empty(); });
    if (!there) throw std::runtime_error("the mail server says nothing: " + said_->trouble);
    json::object object = json::parse(said_->lines.front()).as_object();
    said_->lines.pop_front();
    return object;
  }

  // Mails it took that nobody asked for yet.
  std::size_t waiting() {
    const std::lock_guard lock(said_->mutex);
    return said_->lines.size();
  }

 private:
  struct Said {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::string> lines;
    std::string trouble;  // What is no JSON: a traceback.
  };

  static ChildProcess start(std::vector<std::string> arguments, std::shared_ptr<Said> said) {
    ChildOptions options;
    options.program = "/usr/bin/python3";
    options.arguments = {"-B", "-W", "ignore", SEENDR_SOURCE_DIR "/tests/support/mail_server.py"};
    options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
    options.environment = {"PATH=/usr/bin:/bin"};
    options.on_line = [said](std::string_view line) {
      const std::lock_guard lock(said->mutex);
      if (line.starts_with('{')) {
        said->lines.emplace_back(line);
      } else {
        said->trouble += std::string(line) + "\n";
      }
      said->changed.notify_all();
    };
    return ChildProcess::start(std::move(options));
  }

  std::shared_ptr<Said> said_;
  ChildProcess child_;
  std::uint16_t port_ = 0;
};

}  // namespace seendr::test
