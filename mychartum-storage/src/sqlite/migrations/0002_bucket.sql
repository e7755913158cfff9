-- How each bucket stands: serving 0, leaving 1, elsewhere 2, arriving 3. A bucket without a row serves at epoch 0.

CREATE TABLE bucket (
    bucket INTEGER NOT NULL PRIMARY KEY CHECK (bucket BETWEEN 0 AND 4095),
    state  INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
    epoch  INTEGER NOT NULL CHECK (epoch >= 0)
) STRICT;
