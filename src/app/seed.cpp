#include "app/seed.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include <pqxx/pqxx>

#include "app/sql.hpp"

namespace seendr::app {

namespace {

constexpr std::size_t kBatch = 1000;  // People a transaction.
constexpr std::string_view kNames[] = {"Ada",  "Noor", "Emil", "Lina", "Kofi", "Mara",
                                       "Yuki", "Theo", "Inès", "Ravi", "Zoé",  "Milo",
                                       "Aya",  "Hugo", "Sara", "Juno"};
constexpr std::string_view kRegions[] = {"eu", "na", "as"};

// Draws from the vocabulary in an order of its own, the n-th with weight 1/n.
class Zipf {
 public:
  explicit Zipf(std::size_t count) {
    double sum = 0;
    for (std::size_t n = 1; n <= count; ++n) {
      sum += 1.0 / static_cast<double>(n);
      upto_.push_back(sum);
    }
  }
  std::size_t draw(Random& random) const {
    const double at = random.unit() * upto_.back();
    return static_cast<std::size_t>(std::upper_bound(upto_.begin(), upto_.end(), at) -
                                    upto_.begin());
  }

 private:
  std::vector<double> upto_;
};

std::vector<std::string> languages(Random& random) {
  const double u = random.unit();
  if (u < 0.60) return {"en"};
  if (u < 0.85) return {"fr"};
  return {"en", "fr"};
}

json::array to_rows(const std::vector<DemoPerson>& people, std::size_t from, std::size_t to) {
  json::array rows;
  for (std::size_t i = from; i < to; ++i) {
    const DemoPerson& person = people[i];
    rows.push_back(json::object{{"seed", person.seed},
                                {"name", person.display_name},
                                {"languages", joined(person.languages)},
                                {"region", person.region},
                                {"interests", json::value_from(person.interests)}});
  }
  return rows;
}

// seed -> id of the batch, all of them.
std::unordered_map<std::string, std::int64_t> store_batch(pqxx::work& work,
                                                          const std::string& rows) {
  work.exec_params(
      "insert into users (seed, display_name, languages, region, adult, guest) "
      "select x.seed, x.name, string_to_array(x.languages, ','), x.region, true, true "
      "from json_to_recordset($1::json) as x(seed text, name text, languages text, region text) "
      "on conflict (seed) do nothing",
      rows);
  work.exec_params(
      "insert into user_interests (user_id, interest_id, position) "
      "select u.id, i.id, s.n - 1 "
      "from json_to_recordset($1::json) as x(seed text, interests json) "
      "join users u on u.seed = x.seed "
      "cross join lateral json_array_elements_text(x.interests) with ordinality as s(slug, n) "
      "join interests i on i.slug = s.slug on conflict do nothing",
      rows);
  std::unordered_map<std::string, std::int64_t> ids;
  const pqxx::result found = work.exec_params(
      "select u.seed, u.id from json_to_recordset($1::json) as x(seed text) "
      "join users u on u.seed = x.seed",
      rows);
  for (const auto& row : found) ids[row[0].as<std::string>()] = row[1].as<std::int64_t>();
  return ids;
}

}  // namespace

std::vector<DemoPerson> invent_people(const std::vector<Interest>& vocabulary, std::size_t count,
                                      std::uint64_t seed) {
  SeededRandom random(seed);
  std::vector<std::string> slugs;
  for (const Interest& interest : vocabulary) slugs.push_back(interest.slug);
  for (std::size_t i = slugs.size(); i > 1; --i) std::swap(slugs[i - 1], slugs[random.below(i)]);
  const Zipf popularity(slugs.size());
  std::vector<DemoPerson> people;
  for (std::size_t n = 1; n <= count; ++n) {
    DemoPerson person;
    person.seed = std::to_string(seed) + ":" + std::to_string(n);
    person.display_name =
        std::string(kNames[random.below(std::size(kNames))]) + " " + std::to_string(n);
    person.languages = languages(random);
    person.region = kRegions[random.below(std::size(kRegions))];
    const std::size_t wanted = 3 + random.below(8);
    while (person.interests.size() < wanted) {
      const std::string& slug = slugs[popularity.draw(random)];
      auto& chosen = person.interests;
      if (std::find(chosen.begin(), chosen.end(), slug) == chosen.end()) chosen.push_back(slug);
    }
    people.push_back(std::move(person));
  }
  return people;
}

awaitable<std::vector<DemoPerson>> store_people(postgres::Database& database,
                                                std::vector<DemoPerson> people) {
  using Ids = std::unordered_map<std::string, std::int64_t>;
  for (std::size_t from = 0; from < people.size(); from += kBatch) {
    const std::size_t to = std::min(from + kBatch, people.size());
    const std::string rows = json::serialize(to_rows(people, from, to));
    std::function<Ids(pqxx::work&)> work = [rows](pqxx::work& w) {
      return store_batch(w, rows);
    };
    const Ids ids = co_await database.run(std::move(work));
    for (std::size_t i = from; i < to; ++i) people[i].id = UserId{ids.at(people[i].seed)};
  }
  co_return people;
}

}  // namespace seendr::app
