#include "training/batches/samples_digest.hpp"

#include "ledger/crypto/sha256.hpp"

#include <string>
#include <vector>

namespace training {
namespace {

using ledger::ByteView;

std::size_t product_of(const std::vector<std::int64_t>& shape)
{
    std::size_t product = 1;
    for (const auto size : shape) product *= static_cast<std::size_t>(size);
    return product;
}

template <class Number>
ByteView raw(const std::vector<Number>& numbers)
{
    return {reinterpret_cast<const std::uint8_t*>(numbers.data()), numbers.size() * sizeof(Number)};
}

/// Texts and counts, such that no two sources say the same.
class Description {
public:
    void add(std::string_view text)
    {
        text_.append(std::to_string(text.size())).append(" ").append(text).append("\n");
    }
    void add(const std::vector<std::int64_t>& shape)
    {
        add(std::to_string(shape.size()));
        for (const auto size : shape) add(std::to_string(size));
    }
    ByteView bytes() const { return ledger::as_bytes(text_); }

private:
    std::string text_;
};

Description description_of(const samples::Source& source)
{
    Description made;
    made.add("millrace samples 1");
    made.add(std::to_string(source.size()));
    made.add(std::to_string(source.inputs().size()));
    for (const auto& each : source.inputs()) {
        made.add(each.name);
        made.add(inference::name_of(each.datatype));
        made.add(each.shape);
    }
    const auto& target = source.target();
    made.add(std::to_string(static_cast<int>(target.kind)));
    made.add(std::to_string(target.classes.size()));
    for (const auto& each : target.classes) made.add(each);
    made.add(target.shape);
    return made;
}

}  // namespace

ledger::Result<ledger::Hash> samples_digest(const samples::Source& source,
                                            const std::function<bool()>& goes_on)
{
    using Kind = samples::Target::Kind;
    ledger::Sha256 hasher;
    hasher.update(description_of(source).bytes());
    std::vector<std::vector<std::uint8_t>> inputs;
    for (const auto& each : source.inputs())
        inputs.emplace_back(product_of(each.shape) * inference::size_of(each.datatype));
    std::vector<std::span<std::uint8_t>> rows{inputs.begin(), inputs.end()};
    const auto kind = source.target().kind;
    std::vector<std::int64_t> label(kind == Kind::classes ? 1 : 0);
    std::vector<float> numbers(kind == Kind::numbers ? product_of(source.target().shape) : 0);
    const samples::Place place{rows, label.empty() ? nullptr : label.data(), numbers};
    for (std::size_t i = 0; i < source.size(); ++i) {
        if (!goes_on())
            return ledger::Error{ledger::ErrorKind::unavailable,
                                 "interrupted as samples were read"};
        if (auto done = source.read(i, place); !done) return done.error();
        for (const auto& each : inputs) hasher.update(each);
        hasher.update(raw(label));
        hasher.update(raw(numbers));
    }
    return hasher.finish();
}

}  // namespace training
