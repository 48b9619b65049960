#include "lab/witness.hpp"

#include <algorithm>

namespace seendr::lab {

std::string_view name(Defect defect) {
  switch (defect) {
    case Defect::two_rooms:
      return "two_rooms";
    case Defect::crowded_room:
      return "crowded_room";
    case Defect::one_sided:
      return "one_sided";
    case Defect::wrong_partner:
      return "wrong_partner";
    case Defect::broke_alone:
      break;
  }
  return "broke_alone";
}

PersonIndex Witness::add(std::string user, Naming naming) {
  people_.push_back(Person{std::move(user), naming, {}, {}});
  return people_.size() - 1;
}

void Witness::searched(PersonIndex person, Micros now) {
  people_[person].searched = now;
}

void Witness::found_nobody(PersonIndex person) {
  people_[person].searched.reset();
}

void Witness::told_match(PersonIndex person, const std::string& room, const std::string& partner,
                         Micros now) {
  Person& who_is_told = people_[person];
  Room& record = rooms_[room];
  const auto is_this_person = [person](const Side& side) {
    return side.person == person;
  };
  if (std::any_of(record.sides.begin(), record.sides.end(), is_this_person)) return;  // Again.

  if (!who_is_told.room.empty() && !rooms_[who_is_told.room].was_left) {
    note(Defect::two_rooms, room, who(person) + " is in " + who_is_told.room);
  }
  record.sides.push_back(Side{person, partner, now, who_is_told.searched});
  who_is_told.room = room;
  who_is_told.searched.reset();
  if (record.sides.size() > 2) note(Defect::crowded_room, room, who(person) + " is one too many");
}

void Witness::told_end(PersonIndex person, const std::string& room, std::string_view reason) {
  const auto it = rooms_.find(room);
  if (it != rooms_.end() && !it->second.was_left) {
    note(Defect::broke_alone, room, who(person) + " was told: " + std::string(reason));
    it->second.was_left = true;  // Noted once, not for each side.
  }
  if (people_[person].room == room) people_[person].room.clear();
}

void Witness::leaves(PersonIndex person) {
  Person& leaver = people_[person];
  if (leaver.room.empty()) return;
  rooms_[leaver.room].was_left = true;
  leaver.room.clear();
}

std::vector<Violation> Witness::violations(Micros told_before) const {
  std::vector<Violation> out = violations_;
  for (const auto& [id, room] : rooms_) {
    if (room.sides.size() == 1) {
      const Side& side = room.sides.front();
      if (room.was_left || side.told >= told_before) continue;
      out.push_back({Defect::one_sided, id, who(side.person) + " alone was told"});
    }
    if (room.sides.size() != 2) continue;
    for (std::size_t i = 0; i < 2; ++i) {
      if (people_[room.sides[i].person].naming == Naming::aliases) continue;
      const Person& other = people_[room.sides[1 - i].person];
      const std::string& named = room.sides[i].partner;
      if (named == other.user) continue;
      out.push_back({Defect::wrong_partner, id,
                     who(room.sides[i].person) + " was told of " + named + ", not " + other.user});
    }
  }
  return out;
}

std::vector<PairTimes> Witness::pairs() const {
  std::vector<PairTimes> out;
  for (const auto& [id, room] : rooms_) {
    if (room.sides.size() != 2) continue;
    const Side* first = &room.sides[0];
    const Side* second = &room.sides[1];
    if (second->told < first->told) std::swap(first, second);
    if (!first->searched && !second->searched) continue;
    PairTimes times;
    times.first = first->person;
    times.second = second->person;
    times.searched_us = std::max(first->searched.value_or(0), second->searched.value_or(0));
    times.first_us = first->told;
    times.second_us = second->told;
    out.push_back(times);
  }
  return out;
}

std::vector<Micros> Witness::waits() const {
  std::vector<Micros> out;
  for (const auto& [id, room] : rooms_) {
    for (const Side& side : room.sides) {
      if (side.searched) out.push_back(side.told - *side.searched);
    }
  }
  return out;
}

void Witness::note(Defect defect, const std::string& room, std::string detail) {
  violations_.push_back({defect, room, std::move(detail)});
}

std::string Witness::who(PersonIndex person) const {
  return "user " + people_[person].user;
}

}  // namespace seendr::lab
