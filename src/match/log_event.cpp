#include "match/log_event.hpp"

#include <charconv>

namespace seendr::match {
namespace {

using Fields = std::vector<std::string_view>;

// Reads fields by number; the first one that is no good spoils the whole.
class Reading {
 public:
  explicit Reading(const Fields& fields) : fields_(fields) {}

  bool ok() const { return ok_; }

  std::string text(std::size_t i) const { return std::string(fields_[i]); }

  UserId user(std::size_t i) { return value(parse_user_id(fields_[i])); }
  LogId id(std::size_t i) { return value(parse_log_id(fields_[i])); }

  template <class T>
  T number(std::size_t i) {
    T out{};
    const char* end = fields_[i].data() + fields_[i].size();
    const auto [at, error] = std::from_chars(fields_[i].data(), end, out);
    if (error != std::errc() || at != end) ok_ = false;
    return out;
  }

 private:
  template <class T>
  T value(const std::optional<T>& read) {
    if (!read) ok_ = false;
    return read.value_or(T{});
  }

  const Fields& fields_;
  bool ok_ = true;
};

LogEvent joined(LogId id, Reading& in, const Fields& fields) {
  Ticket ticket;
  ticket.user = in.user(1);
  ticket.version = id;
  ticket.instance = in.text(2);
  ticket.session = in.number<std::uint64_t>(3);
  ticket.t0_ms = in.number<std::int64_t>(4);
  ticket.attributes = parse_attributes(fields[5]).value_or(Attributes{});
  ticket.interests = parse_interests(fields[6]).value_or(std::vector<std::uint32_t>{});
  return event::Joined{std::move(ticket)};
}

// How many fields an event has, with its letter; 0 for an unknown one.
std::size_t width(char kind) {
  switch (kind) {
    case 'J':
    case 'C':
      return 7;
    case 'S':
      return 6;
    case 'E':
      return 5;
    case 'L':
      return 4;
    case 'H':
    case 'U':
    case 'B':
    case 'K':
    case 'R':
      return 3;
    default:
      return 0;
  }
}

LogEvent read(LogId id, char kind, Reading& in, const Fields& fields) {
  switch (kind) {
    case 'J':
      return joined(id, in, fields);
    case 'H':
    case 'U':
      return event::Held{in.user(1), in.id(2), kind == 'H'};
    case 'L':
      return event::Left{in.user(1), in.id(2), in.text(3)};
    case 'C':
      return event::Claimed{RoomId{in.text(1)}, in.user(2), in.user(3),
                            in.text(4),         in.text(5), parse_slugs(fields[6])};
    case 'E':
      return event::Ended{RoomId{in.text(1)}, in.user(2), in.user(3),
                          parse_close_reason(fields[4])};
    case 'S':
      return event::Seated{in.user(1), RoomId{in.text(2)}, in.user(3), in.id(4),
                           parse_slugs(fields[5])};
    case 'B':
      return event::Beat{in.text(1), in.number<std::int64_t>(2)};
    case 'K':
      return event::Blocked{in.user(1), in.user(2)};
    default:
      return event::Restarted{in.text(1), in.id(2)};
  }
}

template <class... Parts>
std::string join(char kind, const Parts&... parts) {
  std::string out(1, kind);
  ((out += '|', out += parts), ...);
  return out;
}

struct Encoder {
  std::string operator()(const event::Joined& e) const {
    const Ticket& t = e.ticket;
    return join('J', t.user.text(), t.instance, std::to_string(t.session), std::to_string(t.t0_ms),
                encode(t.attributes), encode_interests(t.interests));
  }
  std::string operator()(const event::Held& e) const {
    return join(e.held ? 'H' : 'U', e.user.text(), e.version.text());
  }
  std::string operator()(const event::Left& e) const {
    return join('L', e.user.text(), e.version.text(), e.reason);
  }
  std::string operator()(const event::Claimed& e) const {
    return join('C', e.room.text(), e.a.text(), e.b.text(), e.instance_a, e.instance_b,
                encode_slugs(e.shared));
  }
  std::string operator()(const event::Ended& e) const {
    return join('E', e.room.text(), e.a.text(), e.b.text(), name(e.reason));
  }
  std::string operator()(const event::Seated& e) const {
    return join('S', e.user.text(), e.room.text(), e.peer.text(), e.claim.text(),
                encode_slugs(e.shared));
  }
  std::string operator()(const event::Beat& e) const {
    return join('B', e.instance, std::to_string(e.server_ms));
  }
  std::string operator()(const event::Blocked& e) const {
    return join('K', e.a.text(), e.b.text());
  }
  std::string operator()(const event::Restarted& e) const {
    return join('R', e.run_id, e.top.text());
  }
};

}  // namespace

std::optional<LogEvent> parse_event(LogId id, std::string_view text) {
  if (text.size() < 2 || text[1] != '|') return std::nullopt;
  const Fields fields = split(text, '|');
  if (fields.size() != width(text[0])) return std::nullopt;
  Reading in(fields);
  LogEvent event = read(id, text[0], in, fields);
  if (!in.ok()) return std::nullopt;
  return event;
}

std::string encode(const LogEvent& event) {
  return std::visit(Encoder{}, event);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t end = text.find(separator);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string> parse_slugs(std::string_view text) {
  std::vector<std::string> out;
  for (const std::string_view slug : split(text, ',')) {
    if (!slug.empty()) out.emplace_back(slug);
  }
  return out;
}

std::string encode_slugs(const std::vector<std::string>& slugs) {
  std::string out;
  for (const std::string& slug : slugs) {
    if (!out.empty()) out += ',';
    out += slug;
  }
  return out;
}

}  // namespace seendr::match
