#include "http/static_files.hpp"

#include <array>
#include <charconv>

#include "http/ascii.hpp"

namespace seendr::http {

namespace {

struct Type {
  std::string_view suffix;
  std::string_view name;
};
constexpr std::array kTypes{
    Type{".html", "text/html; charset=utf-8"},
    Type{".js", "text/javascript; charset=utf-8"},
    Type{".mjs", "text/javascript; charset=utf-8"},
    Type{".css", "text/css; charset=utf-8"},
    Type{".json", "application/json"},
    Type{".svg", "image/svg+xml"},
    Type{".png", "image/png"},
    Type{".jpg", "image/jpeg"},
    Type{".webp", "image/webp"},
    Type{".ico", "image/x-icon"},
    Type{".woff2", "font/woff2"},
    Type{".webmanifest", "application/manifest+json"},
    Type{".wasm", "application/wasm"},
    Type{".mp3", "audio/mpeg"},
    Type{".ogg", "audio/ogg"},
    Type{".wav", "audio/wav"},
    Type{".txt", "text/plain; charset=utf-8"},
};

// "0.25" as 250; 0 for what is no weight.
int parse_weight(std::string_view text) {
  double value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || rest != text.data() + text.size()) return 0;
  const bool is_weight = value >= 0 && value <= 1;  // "nan" is a number to from_chars.
  return is_weight ? static_cast<int>(value * 1000 + 0.5) : 0;
}

// A name such as "main.3f9a2c41.js": its content never changes.
bool is_hashed(std::string_view path) {
  const std::size_t last = path.rfind('.');
  if (last == std::string_view::npos || last == 0) return false;
  const std::size_t before = path.rfind('.', last - 1);
  if (before == std::string_view::npos) return false;
  const std::string_view hash = path.substr(before + 1, last - before - 1);
  return hash.size() >= 8 && hash.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Whether the coding stands in Accept-Encoding itself, not only in its "*".
bool names(std::string_view accept_encoding, std::string_view coding) {
  for (const std::string_view item : split_list(accept_encoding, ',')) {
    if (same_word(trim(item.substr(0, item.find(';'))), coding)) return true;
  }
  return false;
}

}  // namespace

std::string_view content_type(std::string_view path) {
  for (const Type& type : kTypes) {
    if (path.ends_with(type.suffix)) return type.name;
  }
  return "application/octet-stream";
}

int coding_quality(std::string_view accept_encoding, std::string_view coding) {
  int any = coding == "identity" ? 1000 : 0;  // Plain is acceptable unless it is excluded.
  for (const std::string_view item : split_list(accept_encoding, ',')) {
    const std::vector<std::string_view> parts = split_list(item, ';');
    if (parts.empty()) continue;
    int weight = 1000;
    for (std::size_t i = 1; i < parts.size(); ++i) {
      if (parts[i].size() > 2 && lower(parts[i][0]) == 'q' && parts[i][1] == '=') {
        weight = parse_weight(parts[i].substr(2));
      }
    }
    if (same_word(parts[0], coding)) return weight;
    if (parts[0] == "*") any = weight;
  }
  return any;
}

StaticFiles::StaticFiles(std::span<const Asset> assets, StaticOptions options)
    : options_(std::move(options)) {
  for (const Asset& asset : assets) by_path_.emplace(asset.path, &asset);
}

std::optional<Response> StaticFiles::find(const Request& request) const {
  auto found = by_path_.find(request.path);
  if (found == by_path_.end() && request.path.ends_with('/')) {
    found = by_path_.find(request.path + "index.html");
  }
  if (found == by_path_.end()) return std::nullopt;
  const Asset& asset = *found->second;

  const std::string_view accepted = request.headers.get("Accept-Encoding");
  const int brotli = asset.brotli.empty() ? 0 : coding_quality(accepted, "br");
  const int gzip = asset.gzip.empty() ? 0 : coding_quality(accepted, "gzip");
  const int plain = names(accepted, "identity") ? coding_quality(accepted, "identity") : 0;
  std::string_view coding;
  if (brotli > 0 && brotli >= gzip && brotli >= plain) {
    coding = "br";
  } else if (gzip > 0 && gzip >= plain) {
    coding = "gzip";
  }

  // A strong validator names bytes, so each variant has its own.
  const std::string suffix = coding.empty() ? "" : "-" + std::string(coding);
  const std::string etag = "\"" + std::string(asset.etag) + suffix + "\"";
  const std::string_view type = content_type(asset.path);
  const bool is_html = type.starts_with("text/html");

  Response response;
  response.headers.add("ETag", etag);
  response.headers.add("Cache-Control",
                       is_hashed(asset.path) ? "public, max-age=31536000, immutable" : "no-cache");
  if (!asset.brotli.empty() || !asset.gzip.empty()) {
    response.headers.add("Vary", "Accept-Encoding");
  }
  if (is_html && !options_.html_policy.empty()) {
    response.headers.add("Content-Security-Policy", options_.html_policy);
  }
  if (matches_etag(request.headers.get("If-None-Match"), etag)) {
    response.status = 304;
    return response;
  }
  response.headers.add("Content-Type", std::string(type));
  if (!coding.empty()) response.headers.add("Content-Encoding", std::string(coding));
  response.embedded_body = coding == "br"     ? asset.brotli
                           : coding == "gzip" ? asset.gzip
                                              : asset.content;
  return response;
}

}  // namespace seendr::http
