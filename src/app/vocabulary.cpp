#include "app/vocabulary.hpp"

#include <pqxx/pqxx>

namespace seendr::app {

namespace {

constexpr std::size_t kRememberedAnswers = 8192;
constexpr int kSuggestions = 12;

}  // namespace

Vocabulary::Vocabulary(std::vector<Interest> interests) : interests_(std::move(interests)) {
  for (const Interest& interest : interests_) {
    by_slug_[interest.slug] = &interest;
    by_id_[interest.id] = &interest;
  }
}

const Interest* Vocabulary::find(std::string_view slug) const {
  const auto found = by_slug_.find(slug);
  return found == by_slug_.end() ? nullptr : found->second;
}

const Interest* Vocabulary::find(std::uint32_t id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::string Vocabulary::slug(std::uint32_t id) const {
  const Interest* interest = find(id);
  return interest ? interest->slug : std::string();
}

awaitable<std::vector<Interest>> load_interests(postgres::Database& database) {
  using Outcome = std::vector<Interest>;
  std::function<Outcome(pqxx::work&)> work = [](pqxx::work& w) {
    Outcome interests;
    for (const auto& row :
         w.exec("select id, slug, group_slug, name_en, name_fr from interests order by id")) {
      interests.push_back(Interest{row[0].as<std::uint32_t>(), row[1].as<std::string>(),
                                   row[2].as<std::string>(), row[3].as<std::string>(),
                                   row[4].as<std::string>()});
    }
    return interests;
  };
  co_return co_await database.run(std::move(work));
}

awaitable<std::vector<std::uint32_t>> Autocomplete::suggest(std::string prefix,
                                                            std::string language) {
  const std::string key = language + "|" + prefix;
  std::optional<Answer> known = remembered(key);
  if (known) co_return std::move(*known);
  // `whole` terms begin with the first word of a name; search_fold() folds case, accents and
  // dashes. No character comes after 1114111.
  std::function<Answer(pqxx::work&)> work = [=](pqxx::work& w) {
    Answer ids;
    const pqxx::result rows = w.exec_params(
        "with typed as (select search_fold($1) as word), found as (select t.interest_id, min(case "
        "when t.whole and t.term = typed.word then 0 when t.whole and t.language = $2 then 1 "
        "when t.language in ($2, '') then 2 when t.whole then 3 else 4 end) as rank "
        "from typed join interest_terms t on t.term ~>=~ typed.word and t.term ~<~ (typed.word || "
        "chr(1114111)) "
        "where typed.word <> '' group by t.interest_id) "
        "select i.id from found f join interests i on i.id = f.interest_id order by f.rank, "
        "search_fold(case $2 when 'fr' then i.name_fr else i.name_en end) collate \"C\" limit $3",
        prefix, language, kSuggestions);
    for (const auto& row : rows) ids.push_back(row[0].as<std::uint32_t>());
    return ids;
  };
  const Answer answer = co_await database_.run(std::move(work));
  remember(key, answer);
  co_return answer;
}

std::optional<Autocomplete::Answer> Autocomplete::remembered(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return std::nullopt;
  answers_.splice(answers_.begin(), answers_, found->second);
  return found->second->second;
}

void Autocomplete::remember(const std::string& key, const Answer& answer) {
  const std::lock_guard lock(mutex_);
  if (index_.contains(key)) return;
  answers_.emplace_front(key, answer);
  index_[key] = answers_.begin();
  if (answers_.size() <= kRememberedAnswers) return;
  index_.erase(answers_.back().first);
  answers_.pop_back();
}

}  // namespace seendr::app
