#include "evaluation/run/dataset_root.hpp"

#include "ledger/crypto/sha256.hpp"

#include <bit>

namespace evaluation {
namespace {

void put(ledger::Bytes& to, std::uint64_t number)
{
    for (int i = 0; i < 8; ++i) to.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

void put(ledger::Bytes& to, ledger::ByteView piece)
{
    put(to, std::uint64_t{piece.size()});
    ledger::append(to, piece);
}

}  // namespace

void DatasetRoot::add(std::size_t index, const samples::Place& place)
{
    sample_.clear();
    for (const auto& input : place.inputs) put(sample_, input);
    const auto& target = source_.target();
    sample_.push_back(static_cast<std::uint8_t>(target.kind));
    if (target.kind == samples::Target::Kind::classes)
        put(sample_, ledger::as_bytes(target.classes[static_cast<std::size_t>(*place.label)]));
    if (target.kind == samples::Target::Kind::numbers) {
        put(sample_, std::uint64_t{4 * place.numbers.size()});
        for (const auto number : place.numbers) {
            const auto bits = std::bit_cast<std::uint32_t>(number);
            for (int i = 0; i < 4; ++i)
                sample_.push_back(static_cast<std::uint8_t>(bits >> (8 * i)));
        }
    }
    put(sample_, ledger::as_bytes(source_.slice(index)));
    leaves_.append(ledger::merkle_leaf(sample_));
}

ledger::Hash DatasetRoot::root() const
{
    ledger::Bytes head;
    put(head, std::uint64_t{source_.inputs().size()});
    for (const auto& input : source_.inputs()) {
        put(head, ledger::as_bytes(input.name));
        put(head, ledger::as_bytes(inference::name_of(input.datatype)));
        put(head, std::uint64_t{input.shape.size()});
        for (const auto size : input.shape) put(head, static_cast<std::uint64_t>(size));
    }
    put(head, leaves_.size());
    ledger::append(head, leaves_.root().view());
    return ledger::tagged_sha256("millrace/samples/1", head);
}

}  // namespace evaluation
