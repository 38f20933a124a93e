#include "wallet/labels/prelabel.hpp"

#include "evaluation/labelling/queue.hpp"
#include "ledger/crypto/sha256.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace wallet {
namespace {

constexpr std::size_t feature_width = 64;

bool is_labelled(const Label& label)
{
    return label.label != market::no_label;
}

/// `copy`: how many items before it have the same bytes. Each is drawn by itself.
ledger::Hash draw_of(const ledger::Hash& seed, const ledger::Hash& item, std::uint64_t copy)
{
    ledger::Bytes bytes(seed.bytes.begin(), seed.bytes.end());
    ledger::append(bytes, item.view());
    for (int shift = 56; shift >= 0; shift -= 8)
        bytes.push_back(static_cast<std::uint8_t>(copy >> shift));
    return ledger::sha256(bytes);
}

/// The same for all of them, or 0 where they differ or there are none.
std::size_t width_of(const std::vector<PoolItem>& pool)
{
    if (pool.empty()) return 0;
    const auto width = pool.front().features.size();
    return std::all_of(pool.begin(), pool.end(),
                       [&](const PoolItem& item) { return item.features.size() == width; })
               ? width
               : 0;
}

std::vector<std::size_t> queue_of(const std::vector<PoolItem>& pool,
                                  const std::vector<Label>& people,
                                  const std::vector<std::size_t>& left, std::size_t teachers,
                                  std::size_t classes)
{
    std::vector<double> probabilities;
    std::vector<float> features, labelled;
    const auto width = width_of(pool);
    const auto add = [&](std::vector<float>& to, std::size_t i) {
        if (width != 0) to.insert(to.end(), pool[i].features.begin(), pool[i].features.end());
    };
    for (const auto i : left) {
        probabilities.insert(probabilities.end(), pool[i].probabilities.begin(),
                             pool[i].probabilities.end());
        add(features, i);
    }
    for (std::size_t i = 0; i < pool.size(); ++i)
        if (is_labelled(people[i])) add(labelled, i);
    evaluation::Unlabelled of{left.size(),   teachers, classes, width,
                              probabilities, features, labelled};
    if (!evaluation::fits(of, left.size())) {
        of.width = 0;
        of.features = of.labelled = {};
    }
    std::vector<std::size_t> ordered;
    for (const auto place : evaluation::ask_first(of, left.size())) ordered.push_back(left[place]);
    return ordered;
}

}  // namespace

void judge(PoolItem& item, std::size_t classes)
{
    std::vector<double> together(classes);
    for (std::size_t i = 0; i < item.probabilities.size(); ++i)
        together[i % classes] += item.probabilities[i];
    const auto best = std::max_element(together.begin(), together.end());
    const auto teachers = static_cast<double>(item.probabilities.size() / classes);
    item.predicted = static_cast<std::uint32_t>(best - together.begin());
    item.confidence = std::clamp(*best / teachers, 0.0, 1.0);
}

std::vector<float> features_of(std::span<const float> input)
{
    const auto parts = std::min(input.size(), feature_width);
    std::vector<float> features(parts);
    for (std::size_t part = 0; part < parts; ++part) {
        const auto from = input.size() * part / parts, to = input.size() * (part + 1) / parts;
        double sum = 0;
        for (auto i = from; i < to; ++i) sum += static_cast<double>(input[i]);
        features[part] = static_cast<float>(sum / static_cast<double>(to - from));
        if (!std::isfinite(features[part])) return {};
    }
    return features;
}

std::vector<std::vector<std::size_t>> sample_of(const std::vector<PoolItem>& pool,
                                                std::size_t classes, std::uint64_t each,
                                                const ledger::Hash& seed)
{
    std::vector<std::vector<std::size_t>> sample(classes);
    std::vector<ledger::Hash> draws;
    std::map<ledger::Hash, std::uint64_t> copies;
    for (std::size_t i = 0; i < pool.size(); ++i) {
        draws.push_back(draw_of(seed, pool[i].hash, copies[pool[i].hash]++));
        if (!pool[i].is_known) sample[pool[i].predicted].push_back(i);
    }
    for (auto& of : sample) {
        std::sort(of.begin(), of.end(), [&](std::size_t a, std::size_t b) {
            return draws[a] != draws[b] ? draws[a] < draws[b] : a < b;
        });
        of.resize(std::min<std::size_t>(of.size(), each));
    }
    return sample;
}

Prelabelled prelabel(const std::vector<PoolItem>& pool, const std::vector<Label>& people,
                     const std::vector<std::vector<std::size_t>>& sample, std::size_t teachers,
                     const evaluation::CertificateRules& rules)
{
    Prelabelled made;
    made.classes.resize(sample.size());
    std::vector<evaluation::TeacherAnswer> answers;
    std::vector<evaluation::VerifiedAnswer> verified;
    std::vector<bool> is_asked(pool.size(), false);
    for (const auto& item : pool)
        if (!item.is_known) answers.push_back({item.predicted, item.confidence});
    for (std::size_t c = 0; c < sample.size(); ++c) {
        auto& said = made.classes[c].said;
        for (const auto i : sample[c]) {
            is_asked[i] = true;
            said += is_labelled(people[i]) ? 1 : 0;
        }
        if (said != sample[c].size()) continue;
        for (const auto i : sample[c]) {
            verified.push_back({pool[i].predicted, people[i].label, pool[i].confidence});
            made.counted.push_back(i);
        }
    }
    made.certificate = evaluation::certify(answers, verified, sample.size(), rules);
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < pool.size(); ++i) {
        if (is_labelled(people[i]) || is_asked[i]) continue;
        const bool itself = made.certificate.labels_itself(pool[i].predicted, pool[i].confidence);
        (itself ? made.automatic : left).push_back(i);
        made.classes[pool[i].predicted].automatic += itself ? 1 : 0;
    }
    made.queue = queue_of(pool, people, left, teachers, sample.size());
    return made;
}

}  // namespace wallet
