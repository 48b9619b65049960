// Serves embedded files: validators, precompressed variants, cache rules. Pure.
//
// Only paths in the table exist, so there is nothing to traverse.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "http/asset.hpp"
#include "http/message.hpp"

namespace seendr::http {

struct StaticOptions {
  std::string html_policy;  // Content-Security-Policy of HTML; empty: none.
};

class StaticFiles {
 public:
  // `assets` must outlive this and every response.
  StaticFiles(std::span<const Asset> assets, StaticOptions options);

  // nullopt: no such file. "/" and "/x/" mean their index.html. 304 when If-None-Match fits.
  std::optional<Response> find(const Request& request) const;

 private:
  std::unordered_map<std::string_view, const Asset*> by_path_;
  StaticOptions options_;
};

std::string_view content_type(std::string_view path);

// Whether `coding` may be used for a request with this Accept-Encoding, and how much it is wanted
// (0 to 1000). Source: RFC 9110 section 12.5.3.
int coding_quality(std::string_view accept_encoding, std::string_view coding);

}  // namespace seendr::http
