#include "match/score.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace seendr::match {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool have_common(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&b](const std::string& x) { return contains(b, x); });
}

// Whether b is where a looks. Somebody who named no region and has none looks nowhere.
bool is_wanted(const Attributes& a, const Attributes& b) {
  if (a.wanted.empty()) return !a.region.empty() && a.region == b.region;
  return contains(a.wanted, b.region);
}

bool insists_on_another(const Attributes& a, const Attributes& b) {
  if (a.region_policy != RegionPolicy::strict) return false;
  if (a.wanted.empty() && a.region.empty()) return false;  // Insists on nothing in particular.
  return !is_wanted(a, b);
}

}  // namespace

std::string_view name(Rule rule) {
  switch (rule) {
    case Rule::self:
      return "self";
    case Rule::unavailable:
      return "unavailable";
    case Rule::language:
      return "language";
    case Rule::age:
      return "age";
    case Rule::mode:
      return "mode";
    case Rule::region:
      return "region";
    case Rule::blocked:
      return "blocked";
    case Rule::cooldown:
      return "cooldown";
    case Rule::shared_interests:
      break;
  }
  return "shared_interests";
}

std::optional<Rule> conflict(const Attributes& a, const Attributes& b) {
  if (!have_common(a.languages, b.languages)) return Rule::language;
  if (a.adult != b.adult) return Rule::age;
  if (a.mode != b.mode) return Rule::mode;
  if (insists_on_another(a, b) || insists_on_another(b, a)) return Rule::region;
  return std::nullopt;
}

int interest_weight(Profile profile, std::size_t people, std::size_t holders) {
  assert(holders >= 1 && holders <= people);
  if (profile == Profile::count) return 4;
  // The largest k <= 4 with people / holders >= 2^(2.5 k); both sides squared to stay in integers.
  const std::uint64_t n = people;
  const std::uint64_t h = holders;
  int extra = 0;
  while (extra < 4 && n * n >= ((h * h) << (5 * (extra + 1)))) ++extra;
  return 4 + extra;
}

int region_points(const Attributes& a, const Attributes& b) {
  return is_wanted(a, b) ? 2 : 0;
}

int active_points(const Attributes& b) {
  return b.active ? 1 : 0;
}

int Score::total() const {
  int sum = region + active;
  for (const Part& part : interests) sum += part.points;
  return sum;
}

std::vector<std::uint32_t> shared(const std::vector<std::uint32_t>& a,
                                  const std::vector<std::uint32_t>& b) {
  std::vector<std::uint32_t> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

}  // namespace seendr::match
