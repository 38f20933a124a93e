#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace samples {

/// Takes fields out of one JSON object, which must outlive it, and remembers the first thing that
/// is wrong. What is not there, or is wrong, leaves `to` as it was.
class FieldReader {
public:
    /// `within` comes before the names in a fault: "samples." for "'samples.kind' is ...".
    FieldReader(const nlohmann::json& object, std::string within);

    void flag(const char* name, bool& to);
    void count(const char* name, std::uint64_t least, std::uint64_t most, std::uint64_t& to);
    /// True where it is there.
    bool number(const char* name, double& to);
    void numbers(const char* name, std::size_t most, std::vector<double>& to);
    /// Texts have no control characters, and so many bytes at most.
    void text(const char* name, std::size_t most_bytes, std::string& to);
    void texts(const char* name, std::size_t most, std::size_t most_bytes,
               std::vector<std::string>& to);
    /// Of `known` one may be empty, for what is not said.
    void one_of(const char* name, std::initializer_list<std::string_view> known, std::string& to);
    /// The object of that name; null where there is none.
    const nlohmann::json* object(const char* name);

    /// To be called of what is read by other means.
    const nlohmann::json* find(const char* name);
    void wrong(const std::string& name, const std::string& why);

    /// What is wrong, of all that was read and of names that nobody asked for; empty: nothing.
    std::string fault();

private:
    bool is_finite(const char* name, const nlohmann::json& value);
    bool is_short_text(const char* name, const nlohmann::json& value, std::size_t most_bytes);

    const nlohmann::json& object_;
    std::string within_;
    std::string fault_;
    std::set<std::string, std::less<>> known_;
};

}  // namespace samples
