#include "base/log.hpp"

#include <chrono>
#include <ctime>

#include <boost/json.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace seendr {

namespace {

std::string_view name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warn";
    default:
      return "error";
  }
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    default:
      return spdlog::level::err;
  }
}

// Quoted only where a space, a quote or a control character would break `key=value`.
void append_value(std::string& out, std::string_view value) {
  const bool plain = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return c > ' ' && c != '"' && c != '=' && c != 0x7f;
  });
  if (plain) {
    out += value;
  } else {
    out += boost::json::serialize(boost::json::string(value));
  }
}

std::string timestamp() {
  const auto now = std::chrono::system_clock::now();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch());
  const std::time_t seconds = ms.count() / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t n = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  char tail[8];
  std::snprintf(tail, sizeof tail, ".%03dZ", static_cast<int>(ms.count() % 1000));
  return std::string(text, n) + tail;
}

}  // namespace

Logger::Logger(LogFormat format, LogLevel level) : format_(format), level_(level) {
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  sink_ = std::make_shared<spdlog::logger>("seendr", std::move(sink));
  sink_->set_level(spdlog::level::trace);
  sink_->set_pattern(format == LogFormat::human ? "%T.%e %^%-7l%$ %v" : "%v");
}

Logger Logger::with(std::string_view key, std::string_view value) const {
  Logger copy = *this;
  copy.fields_.emplace_back(key, value);
  return copy;
}

void Logger::emit(LogLevel level, std::string_view event,
                  const std::vector<std::string>& flat) const {
  std::string line;
  if (format_ == LogFormat::json) {
    boost::json::object object;
    object["time"] = timestamp();
    object["level"] = name(level);
    object["event"] = event;
    for (const auto& [key, value] : fields_) object[key] = value;
    for (std::size_t i = 0; i < flat.size(); i += 2) object[flat[i]] = flat[i + 1];
    line = boost::json::serialize(object);
  } else {
    line = std::string(event);
    const auto append = [&line](std::string_view key, std::string_view value) {
      line += ' ';
      line += key;
      line += '=';
      append_value(line, value);
    };
    for (const auto& [key, value] : fields_) append(key, value);
    for (std::size_t i = 0; i < flat.size(); i += 2) append(flat[i], flat[i + 1]);
  }
  sink_->log(to_spdlog(level), "{}", line);
}

}  // namespace seendr
