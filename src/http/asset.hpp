// The files of the web client, embedded in the binary by cmake/EmbedWeb.cmake (target seendr_web).
#pragma once

#include <span>
#include <string_view>

namespace seendr::http {

struct Asset {
  std::string_view path;  // "/js/app/main.js"
  std::string_view etag;  // Strong, without quotes: the start of the content's SHA-256.
  std::string_view content;
  std::string_view gzip;    // Empty when it would not be smaller.
  std::string_view brotli;  // Likewise.
};

// Sorted by path.
std::span<const Asset> web_assets();

}  // namespace seendr::http
