#pragma once

#include <cstddef>
#include <string_view>

/// What texts in messages may look like; that they are UTF-8 the decoder has already seen.
namespace market {

struct TextLimits {
    static constexpr std::size_t name = 64;
    static constexpr std::size_t endpoint = 256;
    static constexpr std::size_t reason = 256;
    static constexpr std::size_t license = 64;
    static constexpr std::size_t metric = 32;
};

/// 1 to 64 of a-z 0-9 . _ -
bool valid_name(std::string_view);

/// A name that nobody can take for a version number: not digits alone.
bool valid_alias_name(std::string_view);

/// At most `most` bytes, none of them a control character.
bool valid_text(std::string_view, std::size_t most);

/// http:// or https://, a host, and after it only visible ASCII; at most 256 bytes.
bool valid_endpoint(std::string_view);

}  // namespace market
