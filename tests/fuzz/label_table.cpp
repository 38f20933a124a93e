// A table of labels as somebody edited it. What is read is read the same when it is written again,
// by numbers and by names.
#include "wallet/labels/label_table.hpp"

#include "ledger/base/ensure.hpp"

using namespace wallet;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const std::vector<std::string> classes{"healthy", "rust", "a, \"b\""};
    static const std::vector<std::string> names{"a.png", "b, c.png", "\"d\".png", "e.png", "e.png"};
    static const std::vector<std::string> of_numbers;
    const ledger::ByteView table{data, size};
    for (const auto* known : {&of_numbers, &names}) {
        const auto labels = read_labels(table, classes, names.size(), *known);
        if (!labels) {
            ledger::ensure(!labels.error().detail.empty(), "a refusal says why");
            continue;
        }
        ledger::ensure(labels->size() == names.size(), "each item has its place");
        for (const auto& label : *labels)
            ledger::ensure(label.confidence <= 100 &&
                               (label.label < classes.size() || label.label == market::no_label),
                           "a label is a class or none");
        const auto text = label_table(classes, *known, *labels);
        const auto again = read_labels(ledger::as_bytes(text), classes, names.size(), *known);
        ledger::ensure(again && *again == *labels, "a table is read as it was written");
    }
    if (const auto named = read_item_names(table))
        ledger::ensure(named->size() <= size, "no more names than bytes");
    return 0;
}
