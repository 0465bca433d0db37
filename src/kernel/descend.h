/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Contract of the family descend: one step of an optimiser over the elements of a weight w with its
 * gradient g. Elements are independent; all results equal those of ref bit for bit. First the
 * weight decays, w -= w * decay, unless decay is 0; then
 *
 *   momentum          no slot 0:  w -= g * rate
 *                     slot 0, m:  m = m * momentum - g * rate
 *                                 w += nesterov ? m * momentum - g * rate : m
 *   adam              slots m, v: m += (g - m) * take_gradient    v += (g * g - v) * take_velocity
 *                     slot 2, u:  u = max(u, v), used in place of v
 *                                 w -= m * rate / (sqrt(v) + epsilon)
 *   root_mean_square  slot 0, v:  v = keep_velocity * v + take_velocity * g * g
 *                     slot 2, a:  a = keep_velocity * a + take_velocity * g
 *                                 d = rate * g / sqrt(v [- a * a] + epsilon)
 *                     slot 1, m:  m = momentum * m + d, used in place of d
 *                                 w -= d
 */
#ifndef MG_DESCEND_H
#define MG_DESCEND_H

#include <stdbool.h>
#include <stddef.h>

typedef struct mg_descent {
    float rate;
    float momentum;
    bool nesterov;
    float take_gradient;
    float take_velocity;
    float keep_velocity;
    float epsilon;
    float decay;
} mg_descent;

typedef struct mg_descent_slots {
    float *weights;
    const float *gradients;
    float *slots[3]; /* NULL where there is none */
} mg_descent_slots;

typedef struct mg_descend_kernel {
    void (*momentum)(const mg_descent *how, const mg_descent_slots *at, size_t count);
    void (*adam)(const mg_descent *how, const mg_descent_slots *at, size_t count);
    void (*root_mean_square)(const mg_descent *how, const mg_descent_slots *at, size_t count);
} mg_descend_kernel;

#endif
