// A Redis command with its arguments, in the bytes that are sent; and a list of them sent together.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace seendr::redis {

// A value.
//
//   Command set("SET", key, value, "PX", 1500);
//   Command del("DEL");
//   del.args(keys);
class Command {
 public:
  // Arguments are strings, string views, integers and doubles (the shortest text that reads back).
  template <class... Args>
  explicit Command(std::string_view name, const Args&... arguments) {
    bytes_.reserve(kHeader + name.size() + 16 + (std::size_t{0} + ... + size_of(arguments)));
    bytes_.append(kHeader, ' ');
    append(name);
    (append(arguments), ...);
    count_ = 1 + sizeof...(arguments);
    write_header();
  }

  template <class T>
  Command& arg(const T& value) {
    append(value);
    ++count_;
    write_header();
    return *this;
  }

  // Each element of a range as one argument.
  template <class Range>
  Command& args(const Range& range) {
    for (const auto& value : range) {
      append(value);
      ++count_;
    }
    write_header();
    return *this;
  }

  // Says whether the command may be sent again when the connection broke before its reply came.
  // Without it, commands that only read may.
  Command& repeatable(bool value = true);
  bool is_repeatable() const;

  // The name and the arguments; valid as long as the command is not changed.
  std::vector<std::string_view> words() const;
  std::string_view word(std::size_t index) const;  // Empty when there is none.
  std::size_t size() const { return count_; }

  // Those of the words that are keys, in order: where a cluster would route the command.
  std::vector<std::string_view> keys() const;

  // What is sent.
  std::string_view bytes() const { return std::string_view(bytes_).substr(start_); }

 private:
  static constexpr std::size_t kHeader = 13;  // "*4294967295\r\n"
  enum class Repeat : std::uint8_t { by_name, yes, no };

  static std::size_t size_of(std::string_view text) { return text.size() + 16; }
  template <class T>
  requires std::is_arithmetic_v<T>
  static std::size_t size_of(T) { return 32; }

  void append(std::string_view text);
  template <class T>
  requires std::is_arithmetic_v<T>
  void append(T value) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, number(value)).ptr;
    append(std::string_view(digits, static_cast<std::size_t>(end - digits)));
  }
  static int number(bool value) { return value ? 1 : 0; }
  template <class T>
  static T number(T value) {
    return value;
  }
  void write_header();

  std::string bytes_;  // Room for the longest header, then the words.
  std::uint32_t count_ = 0;
  std::uint8_t start_ = 0;
  Repeat repeat_ = Repeat::by_name;
};

// Commands that are sent together and whose replies come together. Not a transaction.
class Pipeline {
 public:
  Pipeline& add(Command command) {
    commands_.push_back(std::move(command));
    return *this;
  }
  template <class... Args>
  Pipeline& add(std::string_view name, const Args&... arguments) {
    commands_.emplace_back(name, arguments...);
    return *this;
  }

  const std::vector<Command>& commands() const { return commands_; }
  std::size_t size() const { return commands_.size(); }
  bool empty() const { return commands_.empty(); }
  bool is_repeatable() const;  // All of them are.

 private:
  std::vector<Command> commands_;
};

}  // namespace seendr::redis
