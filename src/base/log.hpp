// A logger is a value that carries fields; one line per event.
//
//   log.with("room", id).info("room_closed", "reason", reason, "lived_ms", lived);
//
// The event name is constant, data is in fields. error = a person must look, warn = degraded,
// info = life cycle, debug = everything else. Secrets are never fields. Safe from any thread.
#pragma once

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spdlog {
class logger;
}

namespace seendr {

enum class LogFormat { human, json };
enum class LogLevel { debug, info, warn, error, off };

class Logger {
 public:
  // Writes to stderr.
  Logger(LogFormat format, LogLevel level);

  // Writes nothing; for tests.
  static Logger silent() { return Logger(LogFormat::human, LogLevel::off); }

  Logger with(std::string_view key, std::string_view value) const;

  template <class... Fields>
  void debug(std::string_view event, const Fields&... fields) const {
    write(LogLevel::debug, event, fields...);
  }
  template <class... Fields>
  void info(std::string_view event, const Fields&... fields) const {
    write(LogLevel::info, event, fields...);
  }
  template <class... Fields>
  void warn(std::string_view event, const Fields&... fields) const {
    write(LogLevel::warn, event, fields...);
  }
  template <class... Fields>
  void error(std::string_view event, const Fields&... fields) const {
    write(LogLevel::error, event, fields...);
  }

 private:
  using Field = std::pair<std::string, std::string>;

  static std::string text(std::string_view value) { return std::string(value); }
  // Not an overload for bool: a string literal would rather become a bool than a string_view.
  template <std::same_as<bool> T>
  static std::string text(T value) {
    return value ? "true" : "false";
  }
  template <class T>
  requires(std::is_arithmetic_v<T> && !std::same_as<T, bool>) static std::string text(T value) {
    return std::to_string(value);
  }

  template <class... Fields>
  void write(LogLevel level, std::string_view event, const Fields&... fields) const {
    static_assert(sizeof...(fields) % 2 == 0, "fields are pairs of key and value");
    if (level < level_) return;
    std::vector<std::string> flat{text(fields)...};
    emit(level, event, flat);
  }
  void emit(LogLevel level, std::string_view event, const std::vector<std::string>& flat) const;

  LogFormat format_;
  LogLevel level_;
  std::shared_ptr<spdlog::logger> sink_;
  std::vector<Field> fields_;
};

}  // namespace seendr
