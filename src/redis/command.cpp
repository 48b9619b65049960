#include "redis/command.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cctype>
#include <optional>
#include <tuple>

namespace seendr::redis {

namespace {

// Where a command has its keys.
enum class Keys {
  none,
  first,      // The first argument.
  all,        // Every argument.
  but_last,   // Every argument but the last (a timeout).
  every_two,  // The first of each pair.
  two,        // The first two arguments.
  counted,    // EVAL, FCALL: as many as the second argument says, after it.
  numbered,   // ZUNION: as many as the first argument says, after it.
  stored,     // ZUNIONSTORE: the first argument, and those numbered from the second on.
  second,     // OBJECT, XINFO, XGROUP: after a subcommand.
  streams,    // XREAD: the first half of what follows STREAMS.
};

struct Shape {
  std::string_view name;
  Keys keys;
  bool reads_only;
};

// Sorted by name. A command that is not here has its key first and counts as one that writes.
constexpr std::array kShapes = std::to_array<Shape>({
    {"ASKING", Keys::none, false},
    {"AUTH", Keys::none, false},
    {"BITCOUNT", Keys::first, true},
    {"BLMOVE", Keys::two, false},
    {"BLPOP", Keys::but_last, false},
    {"BRPOP", Keys::but_last, false},
    {"BRPOPLPUSH", Keys::two, false},
    {"BZPOPMAX", Keys::but_last, false},
    {"BZPOPMIN", Keys::but_last, false},
    {"CLIENT", Keys::none, false},
    {"CLUSTER", Keys::none, false},
    {"CONFIG", Keys::none, false},
    {"COPY", Keys::two, false},
    {"DBSIZE", Keys::none, true},
    {"DEBUG", Keys::none, false},
    {"DEL", Keys::all, false},
    {"DISCARD", Keys::none, false},
    {"DUMP", Keys::first, true},
    {"ECHO", Keys::none, true},
    {"EVAL", Keys::counted, false},
    {"EVALSHA", Keys::counted, false},
    {"EVALSHA_RO", Keys::counted, true},
    {"EVAL_RO", Keys::counted, true},
    {"EXEC", Keys::none, false},
    {"EXISTS", Keys::all, true},
    {"EXPIRETIME", Keys::first, true},
    {"FCALL", Keys::counted, false},
    {"FCALL_RO", Keys::counted, true},
    {"FLUSHALL", Keys::none, false},
    {"FLUSHDB", Keys::none, false},
    {"FUNCTION", Keys::none, false},
    {"GET", Keys::first, true},
    {"GETRANGE", Keys::first, true},
    {"HEXISTS", Keys::first, true},
    {"HGET", Keys::first, true},
    {"HGETALL", Keys::first, true},
    {"HKEYS", Keys::first, true},
    {"HLEN", Keys::first, true},
    {"HMGET", Keys::first, true},
    {"HRANDFIELD", Keys::first, true},
    {"HSCAN", Keys::first, true},
    {"HVALS", Keys::first, true},
    {"INFO", Keys::none, true},
    {"LASTSAVE", Keys::none, true},
    {"LINDEX", Keys::first, true},
    {"LLEN", Keys::first, true},
    {"LMOVE", Keys::two, false},
    {"LPOS", Keys::first, true},
    {"LRANGE", Keys::first, true},
    {"MEMORY", Keys::second, true},
    {"MGET", Keys::all, true},
    {"MSET", Keys::every_two, false},
    {"MSETNX", Keys::every_two, false},
    {"MULTI", Keys::none, false},
    {"OBJECT", Keys::second, true},
    {"PEXPIRETIME", Keys::first, true},
    {"PFCOUNT", Keys::all, true},
    {"PFMERGE", Keys::all, false},
    {"PING", Keys::none, true},
    {"PSUBSCRIBE", Keys::none, false},
    {"PTTL", Keys::first, true},
    {"PUBLISH", Keys::none, false},
    {"PUBSUB", Keys::none, true},
    {"PUNSUBSCRIBE", Keys::none, false},
    {"RENAME", Keys::two, false},
    {"RENAMENX", Keys::two, false},
    {"ROLE", Keys::none, true},
    {"RPOPLPUSH", Keys::two, false},
    {"SCAN", Keys::none, true},
    {"SCARD", Keys::first, true},
    {"SCRIPT", Keys::none, false},
    {"SDIFF", Keys::all, true},
    {"SELECT", Keys::none, false},
    {"SHUTDOWN", Keys::none, false},
    {"SINTER", Keys::all, true},
    {"SISMEMBER", Keys::first, true},
    {"SMEMBERS", Keys::first, true},
    {"SMISMEMBER", Keys::first, true},
    {"SMOVE", Keys::two, false},
    {"SRANDMEMBER", Keys::first, true},
    {"SSCAN", Keys::first, true},
    {"STRLEN", Keys::first, true},
    {"SUBSCRIBE", Keys::none, false},
    {"SUNION", Keys::all, true},
    {"TIME", Keys::none, true},
    {"TOUCH", Keys::all, false},
    {"TTL", Keys::first, true},
    {"TYPE", Keys::first, true},
    {"UNLINK", Keys::all, false},
    {"UNSUBSCRIBE", Keys::none, false},
    {"UNWATCH", Keys::none, false},
    {"WAIT", Keys::none, false},
    {"WATCH", Keys::all, false},
    {"XGROUP", Keys::second, false},
    {"XINFO", Keys::second, true},
    {"XLEN", Keys::first, true},
    {"XPENDING", Keys::first, true},
    {"XRANGE", Keys::first, true},
    {"XREAD", Keys::streams, true},
    {"XREADGROUP", Keys::streams, false},
    {"XREVRANGE", Keys::first, true},
    {"ZCARD", Keys::first, true},
    {"ZCOUNT", Keys::first, true},
    {"ZINTER", Keys::numbered, true},
    {"ZINTERSTORE", Keys::stored, false},
    {"ZMSCORE", Keys::first, true},
    {"ZRANGE", Keys::first, true},
    {"ZRANGEBYLEX", Keys::first, true},
    {"ZRANGEBYSCORE", Keys::first, true},
    {"ZRANGESTORE", Keys::two, false},
    {"ZRANK", Keys::first, true},
    {"ZREVRANGE", Keys::first, true},
    {"ZREVRANGEBYSCORE", Keys::first, true},
    {"ZREVRANK", Keys::first, true},
    {"ZSCAN", Keys::first, true},
    {"ZSCORE", Keys::first, true},
    {"ZUNION", Keys::numbered, true},
    {"ZUNIONSTORE", Keys::stored, false},
});

bool before(const Shape& a, const Shape& b) {
  return a.name < b.name;
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

Shape shape_of(std::string_view name) {
  assert(std::is_sorted(kShapes.begin(), kShapes.end(), before));
  const std::string wanted = upper(name);
  const Shape probe{wanted, Keys::first, false};
  const auto* found = std::lower_bound(kShapes.begin(), kShapes.end(), probe, before);
  if (found != kShapes.end() && found->name == wanted) return *found;
  return Shape{"", Keys::first, false};
}

std::size_t to_count(std::string_view text) {
  std::size_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

// Reads the decimal number that starts at `at` and moves behind its "\r\n".
std::size_t read_length(std::string_view bytes, std::size_t& at) {
  std::size_t length = 0;
  const char* begin = bytes.data() + at;
  const auto parsed = std::from_chars(begin, bytes.data() + bytes.size(), length);
  at += static_cast<std::size_t>(parsed.ptr - begin) + 2;
  return length;
}

// The range of `words` that holds keys, and the step between them.
struct Range {
  std::size_t first = 1;
  std::size_t count = 0;
  std::size_t step = 1;
};

Range key_range(Keys keys, const std::vector<std::string_view>& words) {
  const std::size_t arguments = words.size() - 1;
  const auto counted_at = [&](std::size_t at) {
    return at < words.size() ? to_count(words[at]) : 0;
  };
  switch (keys) {
    case Keys::none:
      return {};
    case Keys::first:
      return {1, std::min<std::size_t>(arguments, 1), 1};
    case Keys::all:
      return {1, arguments, 1};
    case Keys::but_last:
      return {1, arguments > 0 ? arguments - 1 : 0, 1};
    case Keys::every_two:
      return {1, (arguments + 1) / 2, 2};
    case Keys::two:
      return {1, std::min<std::size_t>(arguments, 2), 1};
    case Keys::counted:
      return {3, counted_at(2), 1};
    case Keys::numbered:
      return {2, counted_at(1), 1};
    case Keys::stored:
      return {3, counted_at(2), 1};
    case Keys::second:
      return {2, arguments > 1 ? std::size_t{1} : 0, 1};
    case Keys::streams:
      break;
  }
  const auto streams = std::find_if(words.begin() + 1, words.end(),
                                    [](std::string_view word) { return upper(word) == "STREAMS"; });
  if (streams == words.end()) return {};
  const auto at = static_cast<std::size_t>(streams - words.begin()) + 1;
  return {at, (words.size() - at) / 2, 1};
}

}  // namespace

Command& Command::repeatable(bool value) {
  repeat_ = value ? Repeat::yes : Repeat::no;
  return *this;
}

bool Command::is_repeatable() const {
  if (repeat_ == Repeat::by_name) return shape_of(word(0)).reads_only;
  return repeat_ == Repeat::yes;
}

std::vector<std::string_view> Command::words() const {
  std::vector<std::string_view> result;
  result.reserve(count_);
  const std::string_view bytes = bytes_;
  std::size_t at = kHeader;
  while (at < bytes.size()) {
    ++at;  // '$'
    const std::size_t length = read_length(bytes, at);
    result.push_back(bytes.substr(at, length));
    at += length + 2;
  }
  return result;
}

std::string_view Command::word(std::size_t index) const {
  if (index >= count_) return {};
  const std::string_view bytes = bytes_;
  std::size_t at = kHeader;
  for (;;) {
    ++at;  // '$'
    const std::size_t length = read_length(bytes, at);
    if (index-- == 0) return bytes.substr(at, length);
    at += length + 2;
  }
}

std::vector<std::string_view> Command::keys() const {
  const std::vector<std::string_view> all = words();
  std::vector<std::string_view> result;
  const Keys where = shape_of(all.front()).keys;
  if (where == Keys::stored && all.size() > 1) result.push_back(all[1]);
  const Range range = key_range(where, all);
  for (std::size_t i = 0; i < range.count; ++i) {
    const std::size_t at = range.first + i * range.step;
    if (at >= all.size()) break;
    result.push_back(all[at]);
  }
  return result;
}

void Command::append(std::string_view text) {
  char head[24];
  head[0] = '$';
  char* end = std::to_chars(head + 1, head + sizeof head, text.size()).ptr;
  *end++ = '\r';
  *end++ = '\n';
  bytes_.append(head, static_cast<std::size_t>(end - head));
  bytes_.append(text);
  bytes_.append("\r\n", 2);
}

void Command::write_header() {
  char head[kHeader];
  head[0] = '*';
  char* end = std::to_chars(head + 1, head + sizeof head, count_).ptr;
  *end++ = '\r';
  *end++ = '\n';
  const auto size = static_cast<std::size_t>(end - head);
  start_ = static_cast<std::uint8_t>(kHeader - size);
  bytes_.replace(start_, size, head, size);
}

bool Pipeline::is_repeatable() const {
  return std::all_of(commands_.begin(), commands_.end(),
                     [](const Command& command) { return command.is_repeatable(); });
}

}  // namespace seendr::redis
