// The page cache of a route: the answers of a handler are kept, and confirmed by ETag.
//
//   PageOptions faq;
//   faq.name = "page";
//   faq.load.ttl = 24h;
//   router.add(http::Method::get, "/api/pages/faq/", cached_response(cache, faq, handler));
//
// One request in all processes runs the handler for an address, as Cache::get_or_load says; the
// others get its answer, or 304 when they have it already. Requests with a cookie or Authorization
// are never answered from the memory of the process, so that nobody misses a change of their own.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cache/cache.hpp"
#include "http/router.hpp"

namespace seendr::app {

// For whom an answer is the same.
enum class Audience : std::uint8_t {
  anonymous,  // Requests with a cookie or Authorization run the handler, and nothing is kept of it.
  everyone,   // The handler does not look at who asks.
  person,     // Kept for each person of PageOptions::person apart.
};

struct PageOptions {
  std::string name;         // The class of the counts, and the first part of the keys.
  cache::LoadOptions load;  // negative_ttl: of answers other than 200, which are 404 and 410.
  std::vector<std::string> query;    // The parameters that the answer depends on.
  std::vector<std::string> headers;  // The request headers that it depends on: Vary.
  Audience audience = Audience::anonymous;
  // Who asks; empty: nobody known, and then the handler is run. Required for Audience::person.
  std::function<std::string(const http::Request&)> person;
  std::function<std::vector<std::string>(const http::Request&)> tags;  // Besides load.tags.
};

// `cache` must outlive the handler, and what `handler` refers to the cache's close().
//
// Kept are answers to GET and HEAD with status 200, 404 or 410, a text body in UTF-8, and neither
// Set-Cookie nor a Cache-Control of private or no-store nor a Vary beyond PageOptions::headers.
// Of their headers those that describe the body are kept. Everything else is answered by the
// handler, each time: while an answer is of that kind, nobody waits for anybody. After an answer of
// 500 and more, those who waited for it get a 503 for the cache's back_off.
http::Handler cached_response(cache::Cache& cache, PageOptions options, http::Handler handler);

}  // namespace seendr::app
