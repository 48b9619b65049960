// Reading: the memory of the process first, then Redis, then what the value depends on.
#include "cache/store.hpp"
#include "cache/value_format.hpp"
#include "redis/check.hpp"

namespace seendr::cache {

namespace {

constexpr std::size_t kReadBatch = 256;  // Values asked for in one write.

}  // namespace

// One turn of asking Redis. The tags that the callers name are asked for together with the values;
// those that only the meta texts know, after them.
struct Store::Reading {
  struct Entry {
    std::string key;  // In Redis.
    std::optional<std::string> stored;
    std::optional<Meta> meta;
    std::int64_t left_ms = -2;  // PTTL: -1 for ever, -2 gone.
  };

  std::vector<Wanted> wanted;
  std::vector<Entry> entries;
  std::vector<std::string> tags;              // To be asked for.
  std::map<std::string, std::string> tokens;  // Of the tags that have one.
  std::vector<Memory::Fetch> fetches;         // One per entry, if answers may be kept.
  std::map<std::string, Memory::Fetch> tag_fetches;
  bool keeps = false;
};

awaitable<Found> Store::read(Wanted wanted) {
  if (std::optional<Found> known = recall(wanted)) co_return std::move(*known);
  std::vector<Wanted> one;
  one.push_back(std::move(wanted));
  std::vector<Found> found = co_await read(std::move(one));
  co_return std::move(found.front());
}

awaitable<std::vector<Found>> Store::read(std::vector<Wanted> wanted) {
  std::vector<Found> found(wanted.size());
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    std::optional<Found> known = recall(wanted[i]);
    if (known) {
      found[i] = std::move(*known);
    } else {
      asked.push_back(i);
    }
  }
  for (std::size_t begin = 0; begin < asked.size(); begin += kReadBatch) {
    Reading reading;
    const std::size_t end = std::min(begin + kReadBatch, asked.size());
    for (std::size_t i = begin; i < end; ++i) {
      reading.wanted.push_back(std::move(wanted[asked[i]]));
    }
    co_await ask_values(reading);
    co_await ask_tags(reading);
    for (std::size_t i = begin; i < end; ++i) found[asked[i]] = judge(reading, i - begin);
  }
  if (tracking_) probe_.memory(memory_.bytes());
  co_return found;
}

std::optional<Found> Store::recall(const Wanted& wanted) {
  if (!wanted.from_memory || !tracking_ || !tracking_->usable()) return std::nullopt;
  const Memory::Time now = env_.clock.now();
  const Memory::Item* item = memory_.find(keys_.value(wanted.key), now);
  if (!item || item->form != wanted.form) return std::nullopt;
  for (const std::string& tag : wanted.tags) {
    const std::string key = keys_.tag(tag);
    const auto has = [&key](const auto& mark) {
      return mark.first == key;
    };
    if (std::none_of(item->marks.begin(), item->marks.end(), has)) return std::nullopt;
  }
  for (const auto& [key, token] : item->marks) {
    const Memory::Item* current = memory_.find(key, now);
    if (!current || current->text != token) return std::nullopt;
  }
  Found found;
  found.from_memory = true;
  found.text = item->text;
  found.load_time = item->load_time;
  const bool lasting = item->fresh_until == Memory::Time::max();
  found.fresh_for =
      lasting ? kForever : std::chrono::duration_cast<Millis>(item->fresh_until - now);
  found.state = found.fresh_for.count() > 0 ? Found::State::fresh : Found::State::stale;
  return found;
}

// Sends the commands, behind the one that switches tracking on where that is needed; returns the
// replies without that one's.
awaitable<std::vector<redis::Reply>> Store::ask(Reading& reading, redis::Pipeline commands) {
  redis::Pipeline pipeline;
  Tracking::Armed armed;
  if (tracking_) {
    tracking_->usable();
    armed = tracking_->arm(pipeline);
  }
  reading.keeps = armed.keeps;
  for (const redis::Command& command : commands.commands()) pipeline.add(command);
  std::vector<redis::Reply> replies =
      co_await client_.exec(std::move(pipeline), options_.redis_limit);
  if (armed.added) {
    tracking_->answered(armed, replies.front());
    replies.erase(replies.begin());
  }
  redis::throw_if_error(replies);
  co_return replies;
}

awaitable<void> Store::ask_values(Reading& reading) {
  redis::Command values("MGET");
  redis::Pipeline commands;
  for (const Wanted& wanted : reading.wanted) {
    Reading::Entry entry;
    entry.key = keys_.value(wanted.key);
    values.arg(entry.key).arg(keys_.meta(entry.key));
    if (tracking_) reading.fetches.push_back(memory_.begin(entry.key));
    reading.entries.push_back(std::move(entry));
    for (const std::string& tag : wanted.tags) {
      if (tracking_) reading.tag_fetches.emplace(tag, memory_.begin(keys_.tag(tag)));
      reading.tags.push_back(tag);
    }
  }
  for (const std::string& tag : reading.tags) values.arg(keys_.tag(tag));
  commands.add(std::move(values));
  for (const Reading::Entry& entry : reading.entries) commands.add("PTTL", entry.key);

  const std::vector<redis::Reply> replies = co_await ask(reading, std::move(commands));
  const std::vector<redis::Reply>& texts = replies[0].as_array();
  for (std::size_t i = 0; i < reading.entries.size(); ++i) {
    Reading::Entry& entry = reading.entries[i];
    const redis::Reply& value = texts.at(2 * i);
    const redis::Reply& meta = texts.at(2 * i + 1);
    entry.left_ms = replies.at(1 + i).as_int();
    if (value.is_nil()) continue;
    entry.stored = value.text();
    if (!meta.is_nil()) entry.meta = decode_meta(meta.text(), *entry.stored);
    probe_.of(reading.wanted[i].key.name)
        .bytes_read.Increment(static_cast<double>(entry.stored->size()));
  }
  const std::size_t first_tag = 2 * reading.entries.size();
  for (std::size_t i = 0; i < reading.tags.size(); ++i) {
    const redis::Reply& token = texts.at(first_tag + i);
    if (!token.is_nil()) reading.tokens.emplace(reading.tags[i], token.text());
  }
}

// The tags that only the values know of.
awaitable<void> Store::ask_tags(Reading& reading) {
  std::vector<std::string> more;
  for (const Reading::Entry& entry : reading.entries) {
    if (!entry.meta) continue;
    for (const auto& [tag, token] : entry.meta->marks) {
      const auto asked = std::find(reading.tags.begin(), reading.tags.end(), tag);
      if (asked != reading.tags.end()) continue;
      reading.tags.push_back(tag);
      more.push_back(tag);
    }
  }
  if (more.empty()) co_return;
  redis::Command command("MGET");
  for (const std::string& tag : more) {
    command.arg(keys_.tag(tag));
    if (tracking_) reading.tag_fetches.emplace(tag, memory_.begin(keys_.tag(tag)));
  }
  redis::Pipeline commands;
  commands.add(std::move(command));
  const bool kept = reading.keeps;
  const std::vector<redis::Reply> replies = co_await ask(reading, std::move(commands));
  reading.keeps = reading.keeps && kept;
  for (std::size_t i = 0; i < more.size(); ++i) {
    const redis::Reply& token = replies[0].as_array().at(i);
    if (!token.is_nil()) reading.tokens.emplace(more[i], token.text());
  }
}

Found Store::judge(Reading& reading, std::size_t index) {
  const Wanted& wanted = reading.wanted[index];
  const Reading::Entry& entry = reading.entries[index];
  Found found;
  if (!entry.stored || entry.left_ms == -2) return found;
  for (const std::string& tag : wanted.tags) {
    if (!entry.meta || !entry.meta->marks.contains(tag)) return found;
  }
  if (entry.meta) {
    for (const auto& [tag, token] : entry.meta->marks) {
      const auto current = reading.tokens.find(tag);
      if (current == reading.tokens.end() || current->second != token) return found;
    }
    found.load_time = entry.meta->load_time;
  }
  std::optional<std::string> text = text_of(wanted, *entry.stored);
  if (!text) return found;
  found.text = std::move(*text);
  found.fresh_for = Millis(entry.left_ms) - (entry.meta ? entry.meta->stale : Millis(0));
  if (entry.left_ms == -1) found.fresh_for = kForever;
  found.state = found.fresh_for.count() > 0 ? Found::State::fresh : Found::State::stale;
  remember(reading, index, found);
  return found;
}

std::optional<std::string> Store::text_of(const Wanted& wanted, const std::string& stored) {
  if (wanted.form == Form::raw) return stored;
  std::optional<std::string> text = unpack(stored, options_.value_limit);
  if (text && wanted.readable && !wanted.readable(*text)) text = std::nullopt;
  if (!text) note_unreadable(wanted.key, stored);
  return text;
}

void Store::remember(Reading& reading, std::size_t index, const Found& found) {
  if (!reading.keeps || !reading.wanted[index].from_memory || !tracking_->usable()) return;
  const Reading::Entry& entry = reading.entries[index];
  const Memory::Time now = env_.clock.now();
  const Millis max_age = options_.memory.max_age;
  const Millis age = entry.left_ms < 0 ? max_age : std::min(max_age, Millis(entry.left_ms));
  Memory::Item item;
  item.text = found.text;
  item.form = reading.wanted[index].form;
  item.fresh_until = found.fresh_for == kForever ? Memory::Time::max() : now + found.fresh_for;
  item.expires = now + age;
  item.load_time = found.load_time;
  if (entry.meta) {
    for (const auto& [tag, token] : entry.meta->marks) {
      Memory::Item mark;
      mark.text = token;
      mark.form = Form::raw;
      mark.fresh_until = Memory::Time::max();
      mark.expires = now + max_age;
      memory_.put(reading.tag_fetches.at(tag), std::move(mark));
      item.marks.emplace_back(keys_.tag(tag), token);
    }
  }
  memory_.put(reading.fetches[index], std::move(item));
}

// Whoever shares the cache with Django must know why its values are never found; once is enough.
void Store::note_unreadable(const Key& key, std::string_view stored) {
  probe_.unreadable();
  if (is_pickled(stored)) {
    if (std::exchange(told_pickled_, true)) return;
    env_.log.warn("cache_value_pickled", "key", key.name, "advice",
                  "set SERIALIZER to django_redis.serializers.json.JSONSerializer");
  } else {
    if (std::exchange(told_unreadable_, true)) return;
    env_.log.warn("cache_value_unreadable", "key", key.name);
  }
}

}  // namespace seendr::cache
