#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// Names of strangers inside generated text. Nothing here fails: whatever the name, what comes out
/// is one token of its language, or text that cannot end a comment.
namespace inference {

/// Identifiers of one scope: no two are alike, none is a keyword of C++, a macro of its headers or
/// a member that every JavaScript object has.
class Identifiers {
public:
    /// Lower case, digits and single underscores, at most 48 long: "Conv::X-1" gives conv_x_1.
    std::string claim(std::string_view name);
    /// "conv_x_1" and "Input" give ConvX1Input.
    std::string claim_type(std::string_view identifier, std::string_view suffix);

private:
    std::string unique(std::string wanted);
    std::set<std::string, std::less<>> taken_;
};

/// A string literal with its quotes, ASCII only. C++ takes any bytes.
std::string cpp_literal(std::string_view bytes);
/// The same for JavaScript and JSON; `utf8` has been checked.
std::string js_literal(std::string_view utf8);
/// One word of a POSIX shell, whatever it holds; a zero byte is left out.
std::string shell_word(std::string_view text);
/// Letters, digits and a few signs; everything else becomes '?'.
std::string comment_text(std::string_view text);
/// Percent-encoded, as one segment of a path.
std::string path_segment(std::string_view text);

bool is_utf8(std::string_view text);

/// "{1, 784}" or, for JavaScript, "[1, 784]".
std::string listed(const std::vector<std::int64_t>& shape, std::string_view brackets);

}  // namespace inference
