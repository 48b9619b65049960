#include "match/record.hpp"

#include "base/number.hpp"
#include "match/log_event.hpp"

namespace seendr::match {
namespace {

std::optional<Record> ticket(UserId user, const std::vector<std::string_view>& fields) {
  if (fields.size() != 7) return std::nullopt;
  const auto version = parse_log_id(fields[1]);
  const auto session = parse_number<std::uint64_t>(fields[3]);
  const auto t0 = parse_number<std::int64_t>(fields[4]);
  if (!version || !session || !t0) return std::nullopt;

  Ticket out;
  out.user = user;
  out.version = *version;
  out.instance = fields[2];
  out.session = *session;
  out.t0_ms = *t0;
  out.attributes = parse_attributes(fields[5]).value_or(Attributes{});
  out.interests = parse_interests(fields[6]).value_or(std::vector<std::uint32_t>{});
  out.held = fields[0] == "H";
  Record record;
  record.session = *session;
  record.ticket = std::move(out);
  return record;
}

std::optional<Record> seat(const std::vector<std::string_view>& fields) {
  if (fields.size() != 6) return std::nullopt;
  const auto session = parse_number<std::uint64_t>(fields[3]);
  const auto peer = parse_user_id(fields[4]);
  const auto claim = parse_log_id(fields[5]);
  if (!session || !peer || !claim) return std::nullopt;

  Record record;
  record.session = *session;
  record.seat =
      SeatRecord{RoomId{std::string(fields[1])}, std::string(fields[2]), *session, *peer, *claim};
  return record;
}

std::optional<Record> fence(const std::vector<std::string_view>& fields) {
  if (fields.size() != 5) return std::nullopt;
  const auto session = parse_number<std::uint64_t>(fields[3]);
  if (!session) return std::nullopt;
  Record record;
  record.session = *session;
  return record;
}

}  // namespace

const std::string& Record::instance() const {
  static const std::string none;
  if (ticket) return ticket->instance;
  if (seat) return seat->instance;
  return none;
}

std::optional<Record> parse_record(UserId user, std::string_view text) {
  const std::vector<std::string_view> fields = split(text, '|');
  if (fields[0] == "A" || fields[0] == "H") return ticket(user, fields);
  if (fields[0] == "M") return seat(fields);
  if (fields[0] == "F") return fence(fields);
  return std::nullopt;
}

std::optional<RoomRow> parse_room_row(std::string_view text) {
  const std::vector<std::string_view> fields = split(text, '|');
  if (fields.size() != 5) return std::nullopt;
  const auto a = parse_user_id(fields[0]);
  const auto b = parse_user_id(fields[1]);
  const auto claim = parse_log_id(fields[2]);
  const auto created = parse_number<std::int64_t>(fields[3]);
  if (!a || !b || !claim || !created) return std::nullopt;
  return RoomRow{*a, *b, *claim, *created, parse_slugs(fields[4])};
}

}  // namespace seendr::match
