#include "match/own_people.hpp"

#include <algorithm>
#include <charconv>

#include "match/log_event.hpp"

namespace seendr::match {
namespace {

constexpr std::size_t kMaxTakenOut = 100'000;

bool can_be_renewed(const Person& person) {
  return person.present && !person.gone &&
         (person.place == Place::ticket || person.place == Place::room);
}

}  // namespace

const Search* Person::wish() const {
  if (gone) return nullptr;
  if (quest) return &quest->search;
  return lounge ? &*lounge : nullptr;
}

Attributes Person::wished_attributes() const {
  Attributes out = wish()->attributes;
  out.active = quest && quest->search.standing;
  return out;
}

bool Person::fits_wish() const {
  return interests == wish()->interests && attributes == wished_attributes();
}

void Person::enter_pool(LogId ticket_version, std::int64_t t0, Place where) {
  version = ticket_version;
  t0_ms = t0;
  place = where;
  away = RoomId{};
}

void Person::leave_room() {
  place = Place::none;
  room = RoomId{};
  peer = UserId{};
  claim = LogId{};
  peer_host.clear();
  shared.clear();
  has_entered = false;
  must_restore = false;
  found.reset();
}

Step next_step(const Person& person) {
  const bool wants = person.wish() != nullptr;
  switch (person.place) {
    case Place::room:
      return person.must_restore ? Step::restore : Step::nothing;
    case Place::elsewhere:
      return person.quest && person.present && person.away.empty() ? Step::join : Step::nothing;
    case Place::none:
      if (wants && person.present) return Step::join;
      return person.is_uncertain && !wants ? Step::leave : Step::nothing;
    case Place::unknown:
      return Step::look;
    case Place::ticket:
      if (!wants) return Step::leave;
      if (!person.present) return Step::hold;
      return person.fits_wish() ? Step::nothing : Step::join;
    case Place::held:
      if (!wants) return Step::leave;
      return person.present ? Step::release : Step::nothing;
  }
  return Step::nothing;
}

Person* OwnPeople::find(UserId user) {
  const auto found = people_.find(user);
  return found == people_.end() ? nullptr : &found->second;
}

Person& OwnPeople::add(UserId user) {
  Person& person = people_[user];
  person.user = user;
  return person;
}

std::vector<UserId> OwnPeople::all() const {
  std::vector<UserId> out;
  out.reserve(people_.size());
  for (const auto& [user, person] : people_) out.push_back(user);
  return out;
}

std::vector<Person*> OwnPeople::in_room(const RoomId& room) {
  std::vector<Person*> out;
  const auto seats = by_room_.find(room);
  if (seats == by_room_.end()) return out;
  for (const UserId user : seats->second) out.push_back(&people_.at(user));
  return out;
}

void OwnPeople::seat(Person& person, RoomId room, UserId peer, LogId claim) {
  if (person.place == Place::room) unseat(person);
  by_room_[room].push_back(person.user);
  person.place = Place::room;
  person.room = std::move(room);
  person.peer = peer;
  person.claim = claim;
  person.away = RoomId{};
  person.in_claim = false;
  person.is_uncertain = false;
}

void OwnPeople::unseat(Person& person) {
  const auto seats = by_room_.find(person.room);
  if (seats != by_room_.end()) {
    std::erase(seats->second, person.user);
    if (seats->second.empty()) by_room_.erase(seats);
  }
  person.leave_room();
}

std::vector<UserId> OwnPeople::next_to_renew(std::size_t rounds) {
  if (to_renew_.empty()) {
    const std::vector<UserId> everybody = all();
    to_renew_.assign(everybody.begin(), everybody.end());
    renew_share_ = (everybody.size() + rounds - 1) / std::max<std::size_t>(1, rounds);
  }
  std::vector<UserId> out;
  for (std::size_t i = 0; i < renew_share_ && !to_renew_.empty(); ++i) {
    const Person* person = find(to_renew_.front());
    if (person && can_be_renewed(*person)) out.push_back(person->user);
    to_renew_.pop_front();
  }
  return out;
}

void OwnPeople::remember(TakenOut taken) {
  if (!taken.room.empty()) closed_.insert(taken.room);
  taken_out_.push_back(std::move(taken));
  if (taken_out_.size() > kMaxTakenOut) forget_oldest();
}

void OwnPeople::forget_taken_before(std::int64_t now_ms) {
  while (!taken_out_.empty() && taken_out_.front().until_ms <= now_ms) forget_oldest();
}

void OwnPeople::forget_oldest() {
  const auto closed = closed_.find(taken_out_.front().room);
  if (closed != closed_.end()) closed_.erase(closed);
  taken_out_.pop_front();
}

std::string encode_recent(const std::deque<Partner>& recent) {
  std::string out;
  for (const Partner& partner : recent) {
    if (!out.empty()) out += ',';
    out += partner.user.text() + ':' + std::to_string(partner.until_ms);
  }
  return out;
}

std::deque<Partner> parse_recent(std::string_view text) {
  std::deque<Partner> out;
  for (const std::string_view item : split(text, ',')) {
    const std::vector<std::string_view> parts = split(item, ':');
    if (parts.size() != 2) continue;
    const auto user = parse_user_id(parts[0]);
    std::int64_t until = 0;
    const char* end = parts[1].data() + parts[1].size();
    const auto [at, error] = std::from_chars(parts[1].data(), end, until);
    if (user && error == std::errc() && at == end) out.push_back(Partner{*user, until});
  }
  return out;
}

void note_partner(std::deque<Partner>& recent, Partner partner, std::size_t limit) {
  std::erase_if(recent, [&partner](const Partner& old) { return old.user == partner.user; });
  recent.push_back(partner);
  while (recent.size() > limit) recent.pop_front();
}

People cooling_down(std::deque<Partner>& recent, std::int64_t server_ms) {
  std::erase_if(recent, [server_ms](const Partner& old) { return old.until_ms <= server_ms; });
  People out;
  for (const Partner& partner : recent) out.insert(partner.user);
  return out;
}

}  // namespace seendr::match
