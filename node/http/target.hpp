#pragma once

#include "ledger/base/result.hpp"

#include <boost/container/static_vector.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace node {

struct QueryParameter {
    std::string_view key;
    std::string_view value;  ///< empty when there was no '='
};

/// A request target (RFC 9112 3.2), split and percent-decoded: `/v1/a%20b?x=1` has the segments
/// `v1`, `a b` and the parameter x. Decoding happens after splitting, so an encoded slash stays
/// inside its segment. The views point into the object, which therefore does not move.
class Target {
public:
    static constexpr std::size_t max_segments = 16;
    static constexpr std::size_t max_parameters = 32;
    using Segments = boost::container::static_vector<std::string_view, max_segments>;

    Target() = default;
    Target(const Target&) = delete;
    Target& operator=(const Target&) = delete;

    /// Takes a new target, of any bytes. Origin form, absolute form with http or https, and `*`.
    /// Error invalid: another form, a fragment, a bad percent code, a decoded NUL or control
    /// character, a `.` or `..` segment, too many segments or parameters.
    ledger::Result<void> parse(std::string_view raw);

    void clear();

    /// As sent, without the query; safe to log (visible ASCII). "*" for OPTIONS *.
    std::string_view path() const { return path_; }
    /// Host and port of the absolute form; empty in the other forms.
    std::string_view authority() const { return authority_; }
    /// "/" has none; "/v2/" has "v2" and "".
    const Segments& segments() const { return segments_; }
    const std::vector<QueryParameter>& query() const { return query_; }
    /// The first parameter of that name.
    std::optional<std::string_view> parameter(std::string_view key) const;
    bool is_asterisk() const { return path_ == "*"; }

private:
    ledger::Result<void> split_path(std::string_view path);
    ledger::Result<void> split_query(std::string_view query);
    std::optional<std::string_view> decode(std::string_view part, bool plus_is_space);

    std::string raw_;
    std::string decoded_;  ///< reserved to the length of `raw_` first, so that views stay valid
    std::string_view path_;
    std::string_view authority_;
    Segments segments_;
    std::vector<QueryParameter> query_;
};

}  // namespace node
