// The interests there are: slug to id and back from memory, autocomplete from PostgreSQL through a
// bounded memory of answers (the vocabulary changes by migration only, so answers do not age).
#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "postgres/database.hpp"

namespace seendr::app {

struct Interest {
  std::uint32_t id = 0;
  std::string slug;
  std::string group;
  std::string name_en;
  std::string name_fr;
};

// The table once read; shared by all threads, never changed.
class Vocabulary {
 public:
  explicit Vocabulary(std::vector<Interest> interests);

  const Interest* find(std::string_view slug) const;  // nullptr when there is none.
  const Interest* find(std::uint32_t id) const;
  std::string slug(std::uint32_t id) const;  // Empty for an id that is not there.
  const std::vector<Interest>& all() const { return interests_; }

 private:
  std::vector<Interest> interests_;
  std::unordered_map<std::string_view, const Interest*> by_slug_;
  std::unordered_map<std::uint32_t, const Interest*> by_id_;
};

awaitable<std::vector<Interest>> load_interests(postgres::Database& database);

class Autocomplete {
 public:
  explicit Autocomplete(postgres::Database& database) : database_(database) {}

  // Ids of the best matches for what was typed, in either language: exact first, then names that
  // begin so, then later words. At most 12. Safe from any thread.
  awaitable<std::vector<std::uint32_t>> suggest(std::string prefix, std::string language);

 private:
  using Answer = std::vector<std::uint32_t>;

  std::optional<Answer> remembered(const std::string& key);
  void remember(const std::string& key, const Answer& answer);

  postgres::Database& database_;
  std::mutex mutex_;
  std::list<std::pair<std::string, Answer>> answers_;  // Most recently used first.
  std::unordered_map<std::string, std::list<std::pair<std::string, Answer>>::iterator> index_;
};

}  // namespace seendr::app
