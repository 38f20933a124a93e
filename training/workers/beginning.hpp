#pragma once

#include "ledger/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace training {

/// What a worker begins with, part by part: names for people, and values that all must have alike.
/// Whoever compares need not know what they mean. A name and a value are one line without ": " in
/// the name; all together are a text within MessageLimits.
class Beginning {
public:
    /// In the order in which people should look at them. The last one follows from the others, so
    /// that it is named only where nothing else differs.
    void add(std::string name, std::string value);

    std::string text() const;
    /// `invalid` where the text is none.
    static ledger::Result<Beginning> read(std::string_view text);

    /// Names of what `other` has otherwise, with both values where they are short; empty where all
    /// is alike. "the recipe, --threads (2 instead of 1)" where `other` has 1.
    std::string differences_from(const Beginning& other) const;

private:
    struct Part {
        std::string name;
        std::string value;
        friend bool operator==(const Part&, const Part&) = default;
    };
    std::vector<Part> parts_;
};

}  // namespace training
