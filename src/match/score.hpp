// How well two people fit: who may be paired with whom at all, and how good a pair would be.
//
// Integers throughout, so that every process computes the same. "a" is the one who searches.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "match/person.hpp"

namespace seendr::match {

// Why somebody is no candidate; the names are those of `excluded` in `searching` frames.
enum class Rule {
  self,
  unavailable,  // Held, already chosen, or their process is silent.
  language,     // None in common.
  age,          // An adult and a minor.
  mode,
  region,            // One of the two insists on another region.
  blocked,           // Either way.
  cooldown,          // Partners of a moment ago.
  shared_interests,  // Fewer than one of the two asks for.
};

std::string_view name(Rule rule);

// The first rule that keeps two people apart whatever their interests; symmetric.
// Of language, age, mode and region only; nullopt: they may meet.
std::optional<Rule> conflict(const Attributes& a, const Attributes& b);

// Which interests count how much.
enum class Profile {
  count,   // Every one the same: the most shared interests win.
  rarity,  // A rare one up to double.
};

// Points of one shared interest that `holders` of `people` tickets have. 4 to 8.
// Requires: 1 <= holders <= people.
int interest_weight(Profile profile, std::size_t people, std::size_t holders);

// 2 when b is where a wants to be (a's own region when a asked for none), else 0.
int region_points(const Attributes& a, const Attributes& b);

// 1 when b is searching as well, so both sides look forward to the call; else 0.
int active_points(const Attributes& b);

// A score with its reasons.
struct Score {
  struct Part {
    std::uint32_t interest;
    int points;
  };
  std::vector<Part> interests;
  int region = 0;
  int active = 0;

  int total() const;
};

// Both ascending; what is in both, ascending.
std::vector<std::uint32_t> shared(const std::vector<std::uint32_t>& a,
                                  const std::vector<std::uint32_t>& b);

}  // namespace seendr::match
