// The bytes django-redis stores for a value, with its JSON serializer and zlib compressor. Pure.
//
// An integer is its decimal digits, raw. Everything else is JSON text, and where that is long, a
// zlib stream of it. Format: docs/wire-formats.md, "The cache".
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace seendr::cache {

// The bytes to store for JSON text: compressed when it has more than `compress_above` bytes and is
// not an integer.
std::string pack(std::string json, std::size_t compress_above);

// The JSON text of stored bytes, whoever wrote them: an integer in plain digits ("+5" and " 1_0 "
// are integers too), else what the stream or the text holds, which is not checked to be JSON.
// nullopt for text longer than `limit` bytes and for pickled objects.
std::optional<std::string> unpack(std::string_view stored, std::size_t limit);

// Whether the bytes, compressed or not, are a pickled Python object: what Django's default
// serializer writes.
bool is_pickled(std::string_view stored);

}  // namespace seendr::cache
